import { Command } from 'commander';
import type { GraphOptions } from '../../datasets/run-graph.ts';
import type { CatalogueOptions } from '../../datasets/show-catalogue.ts';
import type { TryDatasetOptions } from '../../datasets/try-dataset.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readLimit } from '../command-options.ts';
import { graphCommands, selectionOptions } from './graph-commands.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} dataset try access_records --file sample.json.gz
  $ ${TRIBUTARY} dataset try access_records --file sample.json --json | jq .row

A dataset is a partitioned table: of JSON files that arrive in S3, see docs/datasets.md;
or of other datasets, by SQL, see docs/reports.md.
`;

const trying = `
Examples:
  $ ${TRIBUTARY} dataset try access_records --file sample.json.gz
  $ ${TRIBUTARY} dataset try access_records --file sample.json --limit 100
  $ ${TRIBUTARY} dataset try access_records --file sample.json --json | jq .row

Reads a local file with the record module of the configuration: gzip, zstd or plain. It
connects to nothing and writes nothing. The rows are as they would be before duplicates
are removed. --json prints all of them, one line of JSON per record: file, line,
partition and row, or line, reason and raw text.

Exit codes: 0 every record has a row, 1 some were set aside, 2 the command, the
configuration, the module or the file is wrong.
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

const catalogue = `
Examples:
  $ ${TRIBUTARY} dataset catalogue access_records
  $ ${TRIBUTARY} dataset catalogue access_records --schema lake \\
      --role arn:aws:iam::123456789012:role/spectrum
  $ ${TRIBUTARY} dataset catalogue access_records --json | jq -r .redshift

Prints the SQL with which Athena and Redshift read the table, and what BI tools connect
to. It reads the configuration and the record module, and connects to nothing.

Exit codes: 0 printed, 2 the command, the configuration or the module is wrong, or the
dataset has no catalogue.
`;

/** `tributary dataset …` */
export function datasetCommand(): Command {
  const dataset = new Command('dataset')
    .description('make tables in S3 of JSON files, and of other tables')
    .addHelpText('after', examples);
  dataset.addCommand(
    new Command('try')
      .description('show what the record module makes of a local file')
      .argument('<dataset>', 'its name in the configuration')
      .requiredOption('--file <file>', 'a file of JSON records')
      .option('--limit <n>', 'show at most this many rows and rejects; default: 20', readLimit)
      .addOption(jsonOption('print one line of JSON per record'))
      .addOption(configOption())
      .addHelpText('after', trying)
      .action(async (name: string, options: TryDatasetOptions) => {
        const { tryDataset } = await import('../../datasets/try-dataset.ts');
        process.exitCode = await tryDataset(name, options);
      }),
  );
  const run = new Command('run')
    .description('take new files, and build what is made of them')
    .argument('[dataset]', 'its name in the configuration; default: all')
    .option('--everything', 'look for files below the whole prefix, not only in the last folders')
    .option('--late', 'also publish rows for late days');
  for (const option of selectionOptions()) run.addOption(option);
  dataset.addCommand(
    run
      .option('--force', 'build its partitions although they are complete')
      .option('--limit <n>', 'build at most this many partitions', readLimit)
      .option('--no-wait', 'only start it')
      .addOption(jsonOption('print the result as JSON'))
      .addOption(configOption())
      .addHelpText('after', running)
      .action(async (name: string | undefined, options: GraphOptions) => {
        const { runDataset } = await import('../../datasets/run-dataset.ts');
        process.exitCode = await runDataset(name, options);
      }),
  );
  for (const command of graphCommands()) dataset.addCommand(command);
  dataset.addCommand(
    new Command('catalogue')
      .description('print the SQL and the data sources for its table in the catalogue')
      .argument('<dataset>', 'its name in the configuration')
      .option('--schema <name>', 'the external schema in Redshift; default: the name of the database')
      .option('--role <arn>', 'the role with which Redshift reads it; default: that of the warehouse')
      .addOption(jsonOption('print it as JSON'))
      .addOption(configOption())
      .addHelpText('after', catalogue)
      .action(async (name: string, options: CatalogueOptions) => {
        const { showCatalogue } = await import('../../datasets/show-catalogue.ts');
        process.exitCode = await showCatalogue(name, options);
      }),
  );
  return dataset;
}
