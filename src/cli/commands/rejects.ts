import { Command } from 'commander';
import type { RejectsOptions } from '../runs/list-rejects.ts';
import type { ReplayOptions } from '../runs/replay-rejects.ts';
import { EXIT_CODES_HELP } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, jsonOption, readRunName } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22          how many, why, which
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22 --json   each whole
  $ ${TRIBUTARY} rejects replay 20261121t064617z_1f0c22 --wait

They are read from the pipeline's bucket; the run is looked up in the pipelines of this machine's configuration.
`;

const listExamples = `
Examples:
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22 --json | jq .key
`;

const replayExamples = `
Examples:
  $ ${TRIBUTARY} rejects replay 20261121t064617z_1f0c22 --wait

Makes a new run that takes every part of the earlier one as it is and reads only the items set aside, by the mapping of
this machine's configuration as it is now: mend tributary.yaml first, e.g. with ignore for the path that was in the
way. DynamoDB is not read, so the new run is as old as the earlier one, which it needs for as long as it is kept.
`;

/** `tributary rejects <run>`, `tributary rejects replay <run>` */
export function rejectsCommand(): Command {
  const rejects = new Command('rejects')
    .description('list the items that a run set aside, or try them again')
    .addHelpText('after', examples);
  rejects
    .command('list', { isDefault: true })
    .description('count them by reason and name them by key; the same as rejects <run>')
    .argument('<run>', 'name of a run', readRunName)
    .addOption(jsonOption('print a line of JSON for each: {"reason","path","key","item"}'))
    .addOption(configOption())
    .addHelpText('after', listExamples)
    .action(async (run: string, options: RejectsOptions) => {
      const { listRejects } = await import('../runs/list-rejects.ts');
      await listRejects(run, options);
    });
  rejects
    .command('replay')
    .description('try them again by the configuration of today, as a new run made of this one')
    .argument('<run>', 'name of a run', readRunName)
    .option('--run <name>', 'name of the new run; made from the time where it is not given', readRunName)
    .option('--wait', 'watch until the run has ended')
    .option('--json', 'end with the result as one line of JSON; progress goes to stderr')
    .addOption(configOption())
    .addHelpText('after', replayExamples + EXIT_CODES_HELP)
    .action(async (run: string, options: ReplayOptions) => {
      const { replayRejects } = await import('../runs/replay-rejects.ts');
      process.exitCode = await replayRejects(run, options);
    });
  return rejects;
}
