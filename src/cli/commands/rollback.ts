import { Command } from 'commander';
import type { BackupsOptions, RollbackOptions } from '../maintenance/roll-back.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readRunName } from './command-options.ts';

const rollbackExamples = `
Examples:
  $ ${TRIBUTARY} rollback nobel --wait      restore what was live before
  $ ${TRIBUTARY} rollback nobel --to 20261121t064617z_1f0c22 --wait
  $ ${TRIBUTARY} backups nobel              list the backups

The swap is one transaction, as when a run replaces the schema: readers see either the old
or the new tables, and grants are carried over. What was live becomes a backup, and is the
first to be dropped. Without --to the newest backup is restored, but never one that was
rolled back from: name such a run to restore it. Pause the pipeline's schedule first, or
the next run replaces the restored schema.

With --json the last line of stdout is
  {"pipeline","schema","run","extractedFrom","replaced","backupSchema","note"?}

Ctrl-C stops only the wait. The request remains, and the command prints how to cancel it.

Exit codes: 0 accepted, with --wait done; 1 refused or failed; 2 the command is wrong;
130 interrupted.
`;

/** `tributary rollback <pipeline>` */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('restore a backup, in one transaction')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--to <run>', 'run to restore; default: that of the newest backup', readRunName)
    .option('--wait', 'wait until the rollback is done')
    .option('--json', 'end with the result as one line of JSON')
    .addOption(destinationOption())
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

Without --to, a rollback restores the first one that was not rolled back from. The size
is the space on Redshift's disks, if the database user may see it. The list comes from a
worker.
`;

/** `tributary backups <pipeline>` */
export function backupsCommand(): Command {
  return new Command('backups')
    .description('list the backups that a rollback can restore')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--json', 'print the list as one line of JSON')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', backupsExamples)
    .action(async (pipeline: string, options: BackupsOptions) => {
      const { listBackups } = await import('../maintenance/roll-back.ts');
      process.exitCode = await listBackups(pipeline, options);
    });
}
