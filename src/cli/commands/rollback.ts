import { Command } from 'commander';
import type { BackupsOptions, RollbackOptions } from '../maintenance/roll-back.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readRunName } from './command-options.ts';

const rollbackExamples = `
Examples:
  $ ${TRIBUTARY} rollback nobel --wait      what was live before is live again
  $ ${TRIBUTARY} rollback nobel --to 20261121t064617z_1f0c22 --wait
  $ ${TRIBUTARY} backups nobel              what there is to go back to

One transaction, as a run's own replacement: readers see the one or the other, and grants
are carried over. What was live becomes a backup, the first to be dropped. Without --to
the newest backup is taken, but never one that was rolled back from: name such a run to
have it again. Pause the pipeline's schedule first, or the next run replaces it.

With --json the last line of stdout is
  {"pipeline","schema","run","extractedFrom","replaced","backupSchema"}

Ctrl-C stops waiting; the request stands, and the command says how to take it back.

Exit codes: 0 asked for, with --wait done; 1 refused or failed; 2 a wrong command;
130 interrupted.
`;

/** `tributary rollback <pipeline>` */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('have a backup live again, by one transaction')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--to <run>', 'the run to have live again, instead of the newest backup', readRunName)
    .option('--wait', 'wait until it is done')
    .option('--json', 'end with the result as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', rollbackExamples)
    .action(async (pipeline: string, options: RollbackOptions) => {
      const { rollBack } = await import('../maintenance/roll-back.ts');
      process.exitCode = await rollBack(pipeline, options);
    });
}

const backupsExamples = `
Examples:
  $ ${TRIBUTARY} backups nobel
  $ ${TRIBUTARY} backups nobel --json | jq -r '.backups[].run'

The first is what a rollback takes. The size is what Redshift's disks hold, where the
database user may see it. A worker does the looking.
`;

/** `tributary backups <pipeline>` */
export function backupsCommand(): Command {
  return new Command('backups')
    .description('list what a rollback can go back to')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--json', 'print it as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', backupsExamples)
    .action(async (pipeline: string, options: BackupsOptions) => {
      const { listBackups } = await import('../maintenance/roll-back.ts');
      process.exitCode = await listBackups(pipeline, options);
    });
}
