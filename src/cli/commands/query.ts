import { Command, Option } from 'commander';
import type { QueryCommandOptions } from '../query/run-query.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { configOption, destinationOption, readLimit } from './command-options.ts';

const examples = `
Examples:
  $ ${TRIBUTARY} query "select count(*) from nobel"
  $ ${TRIBUTARY} query --csv "select * from nobel.nobel__prizes" > prizes.csv
  $ ${TRIBUTARY} query --json "select max(year) as y from nobel__prizes" | jq .y
  $ ${TRIBUTARY} query - < monthly.sql

Runs one query through the Redshift Data API, with your own AWS credentials, and needs
neither psql nor a network path to the warehouse. The transaction may only read and is
rolled back; --write runs a statement as its own transaction instead. Tables need no
schema: they are looked up in the live schemas of the pipelines.

The table shows 1,000 rows and clips long values. --json (one object per row) and --csv
(NULL is empty, an empty text is "") print everything.

Exit codes: 0 done, 1 Redshift refused the query, 2 the command or the configuration is wrong.
`;

/** `tributary query <sql>` */
export function queryCommand(): Command {
  return new Command('query')
    .description('query the warehouse, without psql')
    .argument('<sql>', 'the query, or - to read it from stdin')
    .option('--pipeline <name>', 'query the warehouse of this pipeline or loader; default: the only one')
    .addOption(new Option('--json', 'print one line of JSON per row').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--limit <n>', 'print at most this many rows', readLimit)
    .option('--write', 'run a statement that may write')
    .addOption(destinationOption())
    .addOption(configOption())
    .addHelpText('after', examples)
    .action(async (sql: string, options: QueryCommandOptions) => {
      const { runQuery } = await import('../query/run-query.ts');
      process.exitCode = await runQuery(sql, options);
    });
}
