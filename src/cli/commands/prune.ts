import { Command } from 'commander';
import type { PruneOptions } from '../maintenance/prune.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readLimit } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} runs prune nobel --dry-run     show what would be deleted and kept
  $ ${TRIBUTARY} runs prune nobel               keep staging.keepRuns runs
  $ ${TRIBUTARY} runs prune nobel --keep 3
  $ ${TRIBUTARY} runs prune nobel --json | jq .bytes

Keeps the newest successful runs and deletes the S3 directories of older ones. A run that is
running or waiting for an operator is always kept. So are runs in the live schema or a
backup, and runs that another run refers to. Unfinished uploads under the pipeline's prefix
are aborted if they are more than a day old.

With --json the last line of stdout is
  {"pipeline","dryRun","deleted":[{"run","objects","bytes"}],"kept":[{"run","why"}],
   "uploads":[key],"bytes"}

Ctrl-C stops only the wait. The request remains, and the command prints how to cancel it. A
dry run ends with its command.

Exit codes: 0 done, 1 failed (nothing was deleted unless the message says so), 130 interrupted.
`;

/** `tributary runs prune <pipeline>` */
export function pruneCommand(): Command {
  return new Command('prune')
    .description('delete the S3 directories of old runs')
    .argument('<pipeline>', 'name of a pipeline in the configuration')
    .option('--keep <n>', 'number of successful runs to keep; default: staging.keepRuns', readLimit)
    .option('--dry-run', 'delete nothing; print what would be deleted')
    .option('--json', 'print the result as one line of JSON')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (pipeline: string, _own: PruneOptions, command: Command) => {
      const { prune } = await import('../maintenance/prune.ts');
      // Commander assigns an option that `runs` also has to `runs`, wherever it appears.
      process.exitCode = await prune(pipeline, command.optsWithGlobals<PruneOptions>());
    });
}
