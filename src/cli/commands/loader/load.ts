import { Command } from 'commander';
import type { LoadOptions } from '../../load/start-load.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { addBatchNumber, configOption } from '../command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} load quakes s3://landing/quakes/day=2026-11-01/ --dry-run
  $ ${TRIBUTARY} load quakes s3://landing/quakes/day=2026-11-01/
  $ ${TRIBUTARY} load quakes s3://landing/lists/late.manifest --before
  $ ${TRIBUTARY} load quakes s3://landing/quakes/day=2026-11-01/ \\
      --replace "day = '2026-11-01'"

Loads the files of a prefix, or of a manifest as COPY takes it, through the loader: each once, in its
batches, also those that are older than its ledger. Files that are loaded already are named and left out.

With --replace, one transaction deletes the rows that meet the condition and loads the files, also those
that were loaded before. Earlier files that are not loaded yet would bring old rows back later: while a
batch is parked, or files of the same folder wait, say what is to become of them:
  --after   they are loaded first; parked batches are retried
  --before  those of the same folder are superseded: they are never loaded

With --json the last line of stdout is the result:
  {"name","loader","from","replace","dryRun",
   "found":{"files","bytes","alreadyLoaded","inBatches","unmatched",
     "missing","examples"},
   "loaded":{"batches","files","bytes","rows","merged","deleted","setAside"},
   "parked":[{"batch","code","error"}],"leftOut":[batch],"batch"}

Exit codes: 0 loaded, 1 failed or refused, 2 wrong options or no such loader, 3 a batch is parked,
130 interrupted; the load continues.
`;

/** `tributary load <loader> <from>` */
export function loadCommand(): Command {
  return new Command('load')
    .description('load a prefix or a manifest through a loader, and replace rows by it if asked to')
    .argument('<loader>', 'name of a loader in the configuration')
    .argument('<from>', 'address of a prefix or a manifest: s3://bucket/key')
    .option('--replace <condition>', 'replace the rows that meet it, e.g. "day = \'2026-11-01\'"')
    .option('--before', 'ahead of the files that wait')
    .option('--after', 'behind the files that wait; default without --replace')
    .option('--supersede <batch>', 'with --before: a parked batch to supersede; repeatable', addBatchNumber)
    .option('--any', "files that the loader's match does not fit, too")
    .option('--dry-run', 'show what would be loaded and what already is; change nothing')
    .option('--name <name>', 'name of the load; one of the same name is continued')
    .option('--no-wait', 'do not watch it until it has ended')
    .option('--json', 'end with the result as one line of JSON; progress goes to stderr')
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (loader: string, from: string, options: LoadOptions) => {
      const { startLoad } = await import('../../load/start-load.ts');
      process.exitCode = await startLoad(loader, from, options);
    });
}
