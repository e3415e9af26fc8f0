import { Command } from 'commander';
import type { RejectsOptions } from '../runs/list-rejects.ts';
import type { ReplayOptions } from '../runs/replay-rejects.ts';
import { EXIT_CODES_HELP } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, jsonOption, readRunName } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22          counts, reasons and keys
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22 --json   the complete items
  $ ${TRIBUTARY} rejects replay 20261121t064617z_1f0c22 --wait

Reads the rejects from S3. The run is looked up in the pipelines of this machine's configuration.
`;

const listExamples = `
Examples:
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22
  $ ${TRIBUTARY} rejects 20261121t064617z_1f0c22 --json | jq .key
`;

const replayExamples = `
Examples:
  $ ${TRIBUTARY} rejects replay 20261121t064617z_1f0c22 --wait

Starts a new run that reuses every part file of the earlier run and maps only its rejects again,
with this machine's current configuration. Fix tributary.yaml first, e.g. add the path that
caused the rejects to ignore. DynamoDB is not read, so the data is as old as the earlier run.
Keep the earlier run's directory for as long as you need the new run.
`;

/** `tributary rejects <run>`, `tributary rejects replay <run>` */
export function rejectsCommand(): Command {
  const rejects = new Command('rejects')
    .description('list the items that a run rejected, or map them again')
    .addHelpText('after', examples);
  rejects
    .command('list', { isDefault: true })
    .description('count rejects by reason and list their keys; the same as rejects <run>')
    .argument('<run>', 'name of a run', readRunName)
    .addOption(jsonOption('print one line of JSON per reject: {"reason","path","key","item"}'))
    .addOption(configOption())
    .addHelpText('after', listExamples)
    .action(async (run: string, options: RejectsOptions) => {
      const { listRejects } = await import('../runs/list-rejects.ts');
      await listRejects(run, options);
    });
  rejects
    .command('replay')
    .description('map rejects again with the current configuration, in a new run based on this one')
    .argument('<run>', 'name of a run', readRunName)
    .option('--run <name>', 'name of the new run; default: generated from the time', readRunName)
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
