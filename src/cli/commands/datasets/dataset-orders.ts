import { Command, InvalidArgumentError } from 'commander';
import type { GraphOptions } from '../../datasets/graph/run-graph.ts';
import type { DatasetIndexOptions } from '../../datasets/index-of-files.ts';
import type { DatasetRejectsOptions } from '../../datasets/list-rejects.ts';
import type { RebuildDatasetOptions, ReplayDatasetRejectsOptions } from '../../datasets/run-dataset.ts';
import type { SkipFilesOptions } from '../../datasets/skip-files.ts';
import type { WatchDatasetOptions } from '../../datasets/watch-dataset.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readLimit, readTime } from '../command-options.ts';
import { selectionOptions } from './graph-commands.ts';

/** What an operator does about datasets. Help and options; what a command does is imported when it runs. */

const exitCodes = `
Exit codes: 0 done, 1 it failed, or something was parked or not published, 2 the command
or the configuration is wrong.
`;

const running = `
Examples:
  $ ${TRIBUTARY} dataset run access_records
  $ ${TRIBUTARY} dataset run access_records --everything --late
  $ ${TRIBUTARY} dataset run daily_stats --only --from 2026-11-01 --force

A worker does the work. A batch of files that fails is parked and costs the others
nothing; the next run takes its files. Then all partitions are built that are stale, of
datasets that are made of this one, and of those that it is made of. A partition that
fails is tried again for an hour; then the run waits for an operator.

Exit codes: 0 done, 1 something failed or could not be built, 2 the command or the
configuration is wrong, 3 Temporal could not be reached.
`;

const watching = `
Examples:
  $ ${TRIBUTARY} dataset watch access_records
  $ ${TRIBUTARY} dataset watch access_records --stop

Starts a workflow that listens to source.queue, and takes files as they are announced,
gathered for source.gather. Files that arrived before are taken first. A schedule may run
beside it.
`;

const rebuilding = `
Examples:
  $ ${TRIBUTARY} dataset rebuild access_records --from 2026-11-01 --to 2026-11-30

Reads the raw files of these days again, with the current record module, and publishes a
new generation of each of their partitions. Readers see each partition as it was or as
it is then. Nothing is rebuilt if a raw file is gone or was overwritten, or if a record
would move between these days and others. With --keep-lost, the rows that these days have
of files that are gone or were overwritten stay as they are; the result names the files.
${exitCodes}`;

const rejects = `
Examples:
  $ ${TRIBUTARY} dataset rejects access_records
  $ ${TRIBUTARY} dataset rejects access_records --json | jq -r .raw
  $ ${TRIBUTARY} dataset rejects replay access_records

The records that are set aside, by reason, with file and line. They are read from S3:
those of the last 100 intakes, or of all with --all.
`;

const replaying = `
Examples:
  $ ${TRIBUTARY} dataset rejects replay access_records
  $ ${TRIBUTARY} dataset rejects replay access_records --intake 17

Reads the files again that have records set aside, whole, with the current record module.
Their rows replace the earlier ones, so no row is there twice. A file that is gone is left
out; one that was overwritten is taken by the next run anyway.
${exitCodes}`;

const indexing = `
Examples:
  $ ${TRIBUTARY} dataset index access_records
  $ ${TRIBUTARY} dataset index access_records --back-to 2026-11-01
  $ ${TRIBUTARY} dataset index access_records --forward-to 2026-11-01

The index of the files that were taken: runs leave them out. Set back, files that were
last modified since then are taken again; their rows replace those that are published, so
no row is there twice. Set forward, files from before then that were not taken are left
out. --rebuild restores a lost index from what is published.
`;

const skipping = `
Examples:
  $ ${TRIBUTARY} dataset skip access_records --intake 17 --batch 0

Leaves out the files of a parked batch, which each run would try again. "${TRIBUTARY} dataset
status" lists parked batches. If a file is overwritten, or the index set back, it is taken.
`;

const named = (name: string) => new Command(name).argument('<dataset>', 'its name in the configuration');

const started = (command: Command) =>
  command.option('--no-wait', 'only start it').addOption(jsonOption('print the result as JSON'));

export function runCommand(): Command {
  const run = new Command('run')
    .description('take new files, and build what is made of them')
    .argument('[dataset]', 'its name in the configuration; default: all')
    .option('--everything', 'look for files below the whole prefix, not only in the last folders')
    .option('--late', 'also publish rows for late days');
  for (const option of selectionOptions()) run.addOption(option);
  return started(
    run
      .option('--force', 'build its partitions although they are complete')
      .option('--limit <n>', 'build at most this many partitions', readLimit),
  )
    .addOption(configOption())
    .addHelpText('after', running)
    .action(async (name: string | undefined, options: GraphOptions) => {
      const { runDataset } = await import('../../datasets/run-dataset.ts');
      process.exitCode = await runDataset(name, options);
    });
}

export const watchCommand = () =>
  named('watch')
    .description('take files as the queue of the dataset announces them')
    .option('--stop', 'stop that')
    .addOption(configOption())
    .addHelpText('after', watching)
    .action(async (name: string, options: WatchDatasetOptions) => {
      const { watchDataset } = await import('../../datasets/watch-dataset.ts');
      process.exitCode = await watchDataset(name, options);
    });

export const rebuildCommand = () =>
  started(
    named('rebuild')
      .description('recreate the partitions of some days with the current record module')
      .requiredOption('--from <day>', 'the first day, e.g. 2026-11-01', readDay)
      .requiredOption('--to <day>', 'the last day', readDay)
      .option('--keep-lost', 'rows of files that are gone or were overwritten stay'),
  )
    .addOption(configOption())
    .addHelpText('after', rebuilding)
    .action(async (name: string, options: RebuildDatasetOptions) => {
      const { rebuildDataset } = await import('../../datasets/run-dataset.ts');
      process.exitCode = await rebuildDataset(name, options);
    });

export function rejectsCommand(): Command {
  const command = new Command('rejects')
    .description('list the records that are set aside, or read them again')
    .addHelpText('after', rejects);
  command
    .command('list', { isDefault: true })
    .description('the same as rejects <dataset>')
    .argument('<dataset>', 'its name in the configuration')
    .option('--intake <n>', 'only those of this intake', readNumber)
    .option('--all', 'those of all intakes; default: of the last 100')
    .addOption(jsonOption('print one line of JSON per record'))
    .addOption(configOption())
    .addHelpText('after', rejects)
    .action(async (name: string, options: DatasetRejectsOptions) => {
      const { listDatasetRejects } = await import('../../datasets/list-rejects.ts');
      process.exitCode = await listDatasetRejects(name, options);
    });
  command.addCommand(
    started(
      named('replay')
        .description('read the files again that have records set aside')
        .option('--intake <n>', 'only those that this intake set aside', readNumber),
    )
      .addOption(configOption())
      .addHelpText('after', replaying)
      .action(async (name: string, options: ReplayDatasetRejectsOptions) => {
        const { replayDatasetRejects } = await import('../../datasets/run-dataset.ts');
        process.exitCode = await replayDatasetRejects(name, options);
      }),
  );
  return command;
}

export const indexCommand = () =>
  named('index')
    .description('show which files were taken, or set that back or forward')
    .option('--back-to <time>', 'take files again that were last modified since then', readTime)
    .option('--forward-to <time>', 'leave out files from before then', readTime)
    .option('--rebuild', 'restore it from what is published')
    .addOption(jsonOption('print it as JSON'))
    .addOption(configOption())
    .addHelpText('after', indexing)
    .action(async (name: string, options: DatasetIndexOptions) => {
      const { datasetIndex } = await import('../../datasets/index-of-files.ts');
      process.exitCode = await datasetIndex(name, options);
    });

export const skipCommand = () =>
  named('skip')
    .description('leave out the files of a parked batch')
    .requiredOption('--intake <n>', 'the number of its intake', readNumber)
    .requiredOption('--batch <n>', 'its number', readNumber)
    .addOption(jsonOption('print the result as JSON'))
    .addOption(configOption())
    .addHelpText('after', skipping)
    .action(async (name: string, options: SkipFilesOptions) => {
      const { skipFiles } = await import('../../datasets/skip-files.ts');
      process.exitCode = await skipFiles(name, options);
    });

function readDay(text: string): string {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text))
    return text;
  throw new InvalidArgumentError('Expected a day, e.g. 2026-11-01.');
}

function readNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
