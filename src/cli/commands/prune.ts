import { Command } from 'commander';
import type { PruneOptions } from '../maintenance/prune.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, readLimit } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} runs prune nobel --dry-run     what would be deleted, and why not
  $ ${TRIBUTARY} runs prune nobel               staging.keepRuns of them stay
  $ ${TRIBUTARY} runs prune nobel --keep 3
  $ ${TRIBUTARY} runs prune nobel --json | jq .bytes

Deletes the directories in S3 of runs older than the newest successful ones. A run that is
running or waits for a person stays, whatever its age; so do those in the live schema and
its backups, and those that another run refers to. Unfinished uploads of more than a day
under the pipeline's prefix are given up too.

With --json the last line of stdout is
  {"pipeline","dryRun","deleted":[{"run","objects","bytes"}],"kept":[{"run","why"}],
   "uploads":[key],"bytes"}

Ctrl-C stops waiting; the request stands, and the command says how to take it back. A dry run
ends with its command.

Exit codes: 0 done, 1 failed: nothing was deleted unless the message says so. 130 interrupted.
`;

/** `tributary runs prune <pipeline>` */
export function pruneCommand(): Command {
  return new Command('prune')
    .description('delete the directories of runs that are no longer to be kept')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--keep <n>', 'successful runs to keep, instead of staging.keepRuns', readLimit)
    .option('--dry-run', 'delete nothing, and tell what would be')
    .option('--json', 'print it as one line of JSON')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, _own: PruneOptions, command: Command) => {
      const { prune } = await import('../maintenance/prune.ts');
      // Options that `runs` has too are taken by `runs`, wherever they stand.
      process.exitCode = await prune(pipeline, command.optsWithGlobals<PruneOptions>());
    });
}
