import { Command } from 'commander';
import type { RunOptions } from '../runs/start-run.ts';
import { EXIT_CODES_HELP } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { addSegment, configOption, phaseOption, readRunName, readSegments } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} run nobel --wait                copy the table, replace the schema
  $ ${TRIBUTARY} run nobel --to extract --run a  extract only, and name the run
  $ ${TRIBUTARY} run nobel --from seal --run a   go on with it, also days later
  $ ${TRIBUTARY} run nobel --segments 32 --wait --json | tail -1 | jq .status
  $ ${TRIBUTARY} run nobel --config other.yaml   send that file's pipeline along
  $ ${TRIBUTARY} run nobel --run a --from extract --segment 17
  $ ${TRIBUTARY} run nobel --run a --from load --table nobel__prizes --segment 0 2

Without --config the worker looks the pipeline up in its own configuration; a name that the
file here lacks is refused.

With --segment or --table that part alone is done, under the id it has in its run: a run
that waits for it goes on. With --json a line for each part: what it did, or its workflow.

With --wait, Ctrl-C stops watching; the run goes on. When a run waits for a person,
--wait goes on watching on a terminal and ends with code 3 elsewhere.

With --json the last line of stdout is, whatever came of the run,
  {"run","status","tables":[{"table","rows","bytes"}],"items","rejects","seconds",
   "drift":{"revision","newTables","newColumns","widened","gone","flagged"}}
where drift is null before the seal, and status is replaced or the last phase asked for; else started, running,
waiting, failed, cancelled, terminated or timed out. The figures of a run that has not ended well are its report's
(${TRIBUTARY} report <run>), where S3 can be read from here.
`;

/** `tributary run <pipeline>` */
export function runCommand(): Command {
  return new Command('run')
    .description('copy a table into the warehouse, or some phases of that')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .addOption(phaseOption('--from <phase>', 'begin with this phase; needs --run; replace verifies first'))
    .addOption(phaseOption('--to <phase>', 'end with this phase'))
    .option('--run <name>', 'name of the run; made from the time where it is not given', readRunName)
    .option('--segments <n>', 'scan in this many segments instead of the configured number', readSegments)
    .option('--segment <n...>', 'these segments alone, by number; with --from extract or load', addSegment)
    .option('--table <name>', 'this table alone; with --from load')
    .option('--older', 'replace even what was extracted later than this run')
    .option('--accept-drift', 'go on with what is new or wider, where the pipeline says onDrift: stop')
    .option('--wait', 'watch until the run has ended')
    .option('--json', 'end with the result as one line of JSON; progress goes to stderr')
    .addOption(configOption())
    .addHelpText('after', examples + EXIT_CODES_HELP)
    .action(async (pipeline: string, options: RunOptions) => {
      const { isPart, startPart } = await import('../runs/start-part.ts');
      if (isPart(options)) process.exitCode = await startPart(pipeline, options);
      else process.exitCode = await (await import('../runs/start-run.ts')).startRun(pipeline, options);
    });
}
