import { Command, Option } from 'commander';
import type { QueryDatasetsOptions } from '../../datasets/query-datasets.ts';
import type { CatalogueOptions } from '../../datasets/show-catalogue.ts';
import type { DatasetStatusOptions } from '../../datasets/show-status.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { configOption, jsonOption, readLimit } from '../command-options.ts';

/** What shows datasets. Help and options; what a command does is imported when it runs. */

const list = `
Examples:
  $ ${TRIBUTARY} dataset list
  $ ${TRIBUTARY} dataset list --json | jq .store
`;

const status = `
Examples:
  $ ${TRIBUTARY} dataset status
  $ ${TRIBUTARY} dataset status access_records
  $ ${TRIBUTARY} dataset status access_records --json | jq .parked

Without a name, or with that of a dataset that is made of others: what runs, all datasets
with their partitions by state, and what is not complete and why. A worker makes the plan.

Of a dataset of files: what is published, which files wait, which batches are parked and
what runs. All but that is read from S3, so Temporal need not be reachable.

Exit codes: 0 nothing failed, 1 a batch is parked, or a partition failed or is blocked,
2 the command or the configuration is wrong, 3 Temporal could not be reached.
`;

const query = `
Examples:
  $ ${TRIBUTARY} dataset query "select count(*) from access_records"
  $ ${TRIBUTARY} dataset query --csv "select client, count(*) from access_records
      where record_date = '2026-11-01' group by 1" > clients.csv
  $ ${TRIBUTARY} dataset query - < monthly.sql

Runs one SELECT in DuckDB on this machine, over the current generations of all datasets
that it names. Only the files of the partitions that it reads are fetched, so name the
partition column in a condition. The SQL is DuckDB's; it reads nothing but datasets.

The table shows 1,000 rows and clips long values. --json (one object per row) and --csv
(NULL is empty, an empty text is "") print everything.

Exit codes: 0 done, 1 the query is wrong, 2 the command, the configuration or a record
module is wrong.
`;

const catalogue = `
Examples:
  $ ${TRIBUTARY} dataset catalogue access_records
  $ ${TRIBUTARY} dataset catalogue access_records --schema lake \\
      --role arn:aws:iam::123456789012:role/spectrum
  $ ${TRIBUTARY} dataset catalogue access_records --json | jq -r .redshift
  $ ${TRIBUTARY} dataset catalogue access_records --check

Prints the SQL with which Athena and Redshift read the table, and what BI tools
connect to. It reads the configuration and the record module, and connects to nothing.
--check reads the table in the catalogue instead, and says what a run would do: it
refuses one of others, with partition projection or with other types.

Exit codes: 0 printed or checked, 1 a run would refuse the table, 2 the command, the
configuration or the module is wrong, or the dataset has no catalogue.
`;

export const listCommand = () =>
  new Command('list')
    .description('list the datasets of the configuration')
    .addOption(jsonOption('print one line of JSON per dataset'))
    .addOption(configOption())
    .addHelpText('after', list)
    .action(async (options: { readonly json?: boolean; readonly config?: string }) => {
      const { listDatasets } = await import('../../datasets/list-datasets.ts');
      process.exitCode = await listDatasets(options);
    });

export const statusCommand = () =>
  new Command('status')
    .description('show what is published, what waits and what failed')
    .argument('[dataset]', 'its name in the configuration; default: all')
    .option('--all', 'show every partition; default: the last 10')
    .addOption(jsonOption('print it as JSON, with every partition'))
    .addOption(configOption())
    .addHelpText('after', status)
    .action(async (name: string | undefined, options: DatasetStatusOptions) => {
      const { showDatasetStatus } = await import('../../datasets/show-status.ts');
      process.exitCode = await showDatasetStatus(name, options);
    });

export const queryCommand = () =>
  new Command('query')
    .description('query datasets, without a warehouse')
    .argument('<sql>', 'the query, or - to read it from stdin')
    .addOption(new Option('--json', 'print one line of JSON per row').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--limit <n>', 'print at most this many rows', readLimit)
    .addOption(configOption())
    .addHelpText('after', query)
    .action(async (sql: string, options: QueryDatasetsOptions) => {
      const { queryDatasets } = await import('../../datasets/query-datasets.ts');
      process.exitCode = await queryDatasets(sql, options);
    });

export const catalogueCommand = () =>
  new Command('catalogue')
    .description('print SQL and data sources for the table')
    .argument('<dataset>', 'its name in the configuration')
    .option('--check', 'compare it with the table that is there')
    .option('--schema <name>', 'the external schema in Redshift; default: the name of the database')
    .option('--role <arn>', 'the role with which Redshift reads it; default: that of the warehouse')
    .addOption(jsonOption('print it as JSON'))
    .addOption(configOption())
    .addHelpText('after', catalogue)
    .action(async (name: string, options: CatalogueOptions) => {
      const { showCatalogue } = await import('../../datasets/show-catalogue.ts');
      process.exitCode = await showCatalogue(name, options);
    });
