import { Command, Option } from 'commander';
import type { BookmarkOptions } from '../../loader/bookmark.ts';
import type { CheckLoadersOptions } from '../../loader/check-loaders.ts';
import { FILE_STATES } from '../../loader/file-states.ts';
import type { ListBatchesOptions } from '../../loader/list-batches.ts';
import type { ListFilesOptions } from '../../loader/list-files.ts';
import type { LoaderRejectsOptions } from '../../loader/list-rejects.ts';
import type { LoaderStatusOptions } from '../../loader/show-status.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readBatchNumber, readLimit, readTime } from '../command-options.ts';

/** The commands of loaders that show something, and the bound of listings. */
export const loaderViewCommands = (): Command[] => [
  statusCommand(),
  checkCommand(),
  batchesCommand(),
  filesCommand(),
  rejectsCommand(),
  bookmarkCommand(),
];

const LOADER = 'name of a loader in the configuration';

const statusExamples = `
Examples:
  $ ${TRIBUTARY} loader status                one line per table
  $ ${TRIBUTARY} loader status quakes         in detail
  $ ${TRIBUTARY} loader status quakes --json | jq .waiting

What waits, what is being loaded, what was loaded, what is parked with the reason and what to do next; and how
the queue or prefix is watched. Of a loader that does not run or answer, it shows what S3 has. The warehouse is
not asked.

Exit codes: 0 running, 1 a loader or its watcher does not run or cannot do its work, 2 no such loader,
3 it is paused, or batches are parked.
`;

const statusCommand = () =>
  new Command('status')
    .description('show how loaders are doing, and what to do next')
    .argument('[loader]', `${LOADER}; default: all`)
    .option('--watch', 'show it until interrupted')
    .addOption(jsonOption('print one line of JSON per table'))
    .addOption(configOption())
    .addHelpText('after', statusExamples)
    .action(async (name: string | undefined, options: LoaderStatusOptions) => {
      const { showLoaderStatus } = await import('../../loader/show-status.ts');
      process.exitCode = await showLoaderStatus(name, options);
    });

const checkExamples = `
Examples:
  $ ${TRIBUTARY} loader check quakes
  $ ${TRIBUTARY} loader check --json | jq '.checks[] | select(.state == "problem")'

A worker checks with its own identity that the files can be listed and read, the staging bucket
written, and the queue read and whether it has a dead-letter queue; that the table is there and
fit for the loader's merge; and that COPY's role can read both buckets. It writes small probes and
removes them again.

Exit codes: 0 no problems (warnings do not count), 1 at least one problem, 2 no such loader.
`;

const checkCommand = () =>
  new Command('check')
    .description('check everything that loaders need')
    .argument('[loaders...]', 'names of loaders; default: all')
    .addOption(jsonOption('print the result as one line of JSON'))
    .addOption(configOption())
    .addHelpText('after', checkExamples)
    .action(async (names: string[], options: CheckLoadersOptions) => {
      const { checkLoaders } = await import('../../loader/check-loaders.ts');
      process.exitCode = await checkLoaders(names, options);
    });

const batchesExamples = `
Examples:
  $ ${TRIBUTARY} loader batches quakes
  $ ${TRIBUTARY} loader batches quakes --parked --json | jq -r .failure.message

Reads S3 only, also while nothing runs. With --json each batch is one line:
  {"batch","state","createdAt","reason","files","bytes","splitFrom",
   "failure","closed"}
`;

const batchesCommand = () =>
  new Command('batches')
    .description('list batches and how they ended, the newest first')
    .argument('<loader>', LOADER)
    .option('--parked', 'only those that are parked')
    .option('--all', 'all, not only the newest 20')
    .option('--limit <n>', 'at most this many', readLimit)
    .addOption(jsonOption('print one line of JSON per batch'))
    .addOption(configOption())
    .addHelpText('after', batchesExamples)
    .action(async (name: string, options: ListBatchesOptions) => {
      const { listBatches } = await import('../../loader/list-batches.ts');
      process.exitCode = await listBatches(name, options);
    });

const filesExamples = `
Examples:
  $ ${TRIBUTARY} loader files quakes              what waits, then the batches
  $ ${TRIBUTARY} loader files quakes --batch 12
  $ ${TRIBUTARY} loader files quakes --containing day=2026-11-01
  $ ${TRIBUTARY} loader files quakes --state overwritten --all

Reads S3 only, also while nothing runs. With --json each file is one line:
  {"bucket","key","etag","bytes","at","loader","state","batch"}
`;

const filesCommand = () =>
  new Command('files')
    .description('list files and the outcome of each')
    .argument('<loader>', LOADER)
    .option('--batch <n>', 'only those of this batch', readBatchNumber)
    .addOption(new Option('--waiting', 'only those that no batch has yet').conflicts(['batch', 'state']))
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(
        FILE_STATES.map((state) => state.replaceAll(' ', '-')),
      ),
    )
    .option('--containing <text>', 'only those with this text in their address, s3://bucket/key')
    .option('--all', 'all, not only the first 100')
    .option('--limit <n>', 'at most this many', readLimit)
    .addOption(jsonOption('print one line of JSON per file'))
    .addOption(configOption())
    .addHelpText('after', filesExamples)
    .action(async (name: string, options: ListFilesOptions) => {
      const { listFiles } = await import('../../loader/list-files.ts');
      process.exitCode = await listFiles(name, options);
    });

const rejectsExamples = `
Examples:
  $ ${TRIBUTARY} loader rejects quakes
  $ ${TRIBUTARY} loader rejects quakes --batch 12 --json | jq .line

A row whose key or newest is NULL cannot be merged: its batch sets it aside, and loads the
others. Reads the files of these batches again, because COPY does not tell which file a row
came from. With --json each row is one line: {"batch","file","line","missing","values"}
`;

const rejectsCommand = () =>
  new Command('rejects')
    .description('list the rows that batches set aside, each with its file and line')
    .argument('<loader>', LOADER)
    .option('--batch <n>', 'only those of this batch', readBatchNumber)
    .option('--all', 'of all batches, and all rows; not only 20 rows of each of the newest 200')
    .option('--limit <n>', 'at most this many rows per batch', readLimit)
    .addOption(jsonOption('print one line of JSON per row'))
    .addOption(configOption())
    .addHelpText('after', rejectsExamples)
    .action(async (name: string, options: LoaderRejectsOptions) => {
      const { listLoaderRejects } = await import('../../loader/list-rejects.ts');
      process.exitCode = await listLoaderRejects(name, options);
    });

const bookmarkExamples = `
Examples:
  $ ${TRIBUTARY} loader bookmark quakes
  $ ${TRIBUTARY} loader bookmark quakes --set 2026-11-01T00:00:00Z

The listing ignores files that were last modified before this time. Each listing begins overlapSeconds before the
newest file so far, and files that it has seen before are not loaded again: neither is lost or loaded twice if the
time is set back or forward, but files before it are never found by themselves.
`;

const bookmarkCommand = () =>
  new Command('bookmark')
    .description('show or set the time from which a prefix is listed')
    .argument('<loader>', LOADER)
    .option('--set <time>', 'list files last modified since this time', readTime)
    .addOption(jsonOption('print it as one line of JSON'))
    .addOption(configOption())
    .addHelpText('after', bookmarkExamples)
    .action(async (name: string, options: BookmarkOptions) => {
      const { bookmark } = await import('../../loader/bookmark.ts');
      process.exitCode = await bookmark(name, options);
    });
