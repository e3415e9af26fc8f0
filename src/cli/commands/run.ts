import { Command } from 'commander';
import type { RunOptions } from '../runs/start-run.ts';
import { EXIT_CODES_HELP } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import {
  addSegment,
  configOption,
  destinationOption,
  phaseOption,
  readLimit,
  readRunName,
  readSegments,
} from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} run nobel --wait                copy the table, replace the schema
  $ ${TRIBUTARY} run --all                       copy every table, some at once
  $ ${TRIBUTARY} run nobel orders --at-once 1    copy these, one after the other
  $ ${TRIBUTARY} run orders --destination team-b
  $ ${TRIBUTARY} run nobel --dry-run             only show what it would take
  $ ${TRIBUTARY} run nobel --to extract --run a  extract only, and name the run
  $ ${TRIBUTARY} run nobel --from seal --run a   resume it, even days later
  $ ${TRIBUTARY} run nobel --segments 32 --wait --json | tail -1 | jq .status
  $ ${TRIBUTARY} run nobel --config other.yaml   send the pipeline of this file
  $ ${TRIBUTARY} run nobel --run a --from extract --segment 17
  $ ${TRIBUTARY} run nobel --run a --from load --table nobel__prizes --segment 0 2

Without --config, the worker looks up the pipeline in its own configuration. A name that is
not in this machine's file is refused.

With --segment or --table, only this part is done, under the workflow id it has in its run.
A run that is waiting for it then continues. With --json, each part prints one line: its
result, or its workflow.

With --all, several names, or the name of a pattern, the next run starts as soon as one ends,
fails or waits for an operator. All are watched, and a summary says what to do about those
that did not complete. The exit code is that of the worst. Ctrl-C starts no more runs.

With --wait, Ctrl-C stops watching; the run continues. When a run waits for an operator,
--wait keeps watching on a terminal and ends with exit code 3 elsewhere.

With --json the last line of stdout is always
  {"run","status","tables":[{"table","rows","bytes"}],"items","rejects","seconds",
   "drift":{"revision","newTables","newColumns","widened","retyped",
     "renamed","gone","newlyGone","flagged"}}
where drift is null before the seal. status is replaced or the last phase requested, or else
started, running, waiting, failed, cancelled, terminated or timed out. If the run did not
succeed, the figures come from its report (${TRIBUTARY} report <run>) if S3 can be read here.
Of several runs the line is {"status","runs":[{"pipeline","run","status",…,"reason"}]}, with
status done, failed, waiting, drifted or interrupted.
`;

/** `tributary run <pipeline>` */
export function runCommand(): Command {
  return new Command('run')
    .description('copy a table into the warehouse, or run some of the phases')
    .argument('[pipeline...]', 'pipelines in the configuration, or patterns of tables')
    .option('--all', 'every pipeline in the configuration, and each of its destinations')
    .addOption(destinationOption())
    .option('--at-once <n>', 'of several pipelines: the most runs at once; default: 3', readLimit)
    .addOption(phaseOption('--from <phase>', 'start with this phase; needs --run; replace verifies first'))
    .addOption(phaseOption('--to <phase>', 'end with this phase'))
    .option('--run <name>', 'name of the run; default: generated from the time', readRunName)
    .option('--segments <n>', 'number of segments; default: as configured', readSegments)
    .option('--segment <n...>', 'do only these segments, by number; with --from extract or load', addSegment)
    .option('--table <name>', 'load only this table; with --from load')
    .option('--dry-run', 'start nothing; show what the run would take: see plan')
    .option('--older', 'replace the live schema even if it was extracted later')
    .option('--accept-drift', 'continue even if onDrift says stop for what is new, wider, changed or gone')
    .option('--wait', 'watch until the run has ended')
    .option('--json', 'end with the result as one line of JSON; progress goes to stderr')
    .addOption(configOption())
    .addHelpText('after', examples + EXIT_CODES_HELP)
    .action(async (names: string[], options: RunOptions) => {
      const { chosenPipelines } = await import('../runs/chosen-pipelines.ts');
      const pipelines = await chosenPipelines(names, options);
      const [{ pipeline } = { pipeline: '' }] = pipelines;
      if (options.dryRun) {
        const { dryRun } = await import('../runs/dry-run.ts');
        process.exitCode = await dryRun(pipelines, options);
        return;
      }
      if (options.all || pipelines.length > 1) {
        process.exitCode = await (await import('../runs/run-all.ts')).runAll(pipelines, options);
        return;
      }
      const { isPart, startPart } = await import('../runs/start-part.ts');
      if (isPart(options)) process.exitCode = await startPart(pipeline, options);
      else process.exitCode = await (await import('../runs/start-run.ts')).startRun(pipeline, options);
    });
}
