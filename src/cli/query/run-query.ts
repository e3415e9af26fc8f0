import { randomUUID } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import type { RedshiftDataWarehouse, ResultTable } from '../../clients/redshift/redshift-data-warehouse.ts';
import { bareStatement, firstWord, isSeveral, onlyReads } from '../../pipeline/sql/statement-kind.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { queriedWarehouse } from './queried-warehouse.ts';
import { ended, ReadOnlySession } from './read-only.ts';
import { csvLines, jsonLines, tableLines } from './result-lines.ts';
import { warehouseHere } from './warehouse-here.ts';

export interface QueryCommandOptions {
  readonly destination?: string;
  readonly pipeline?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly limit?: number;
  readonly write?: boolean;
  readonly config?: string;
}

/** Rows that are printed on a terminal unless `--limit` says otherwise. JSON and CSV are for programs: all rows. */
const TABLE_ROWS = 1000;

export async function runQuery(sql: string, options: QueryCommandOptions): Promise<ExitCode> {
  const statement = bareStatement(sql === '-' ? await readText(process.stdin) : sql);
  if (statement === '') throw new CommandError(ExitCode.usage, 'There is no SQL to run.');
  if (isSeveral(statement))
    throw new CommandError(ExitCode.usage, 'This is more than one statement. Run each by itself.');
  if (!options.write && !onlyReads(statement)) {
    throw new CommandError(
      ExitCode.usage,
      `"${firstWord(statement).toUpperCase()}" is not a query. To run a statement that may write: ${TRIBUTARY} query --write "…"`,
    );
  }
  const { target, schemas } = await queriedWarehouse(options.pipeline, options.config, options.destination);
  useLocalStack(chosenLocalStack(options.config));
  const warehouse = await warehouseHere(target);
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  const mostRows = options.limit ?? (options.json || options.csv ? Number.POSITIVE_INFINITY : TABLE_ROWS);
  try {
    const result = options.write
      ? await written(warehouse, statement, mostRows, signal)
      : await ReadOnlySession.use(warehouse, { schemas, signal }, (session) =>
          session.ask(statement, mostRows),
        );
    if (result !== undefined) print(result, options);
    // Data goes to stdout: a statement without a result has none.
    else process.stderr.write(`${firstWord(statement).toUpperCase()} done.\n`);
  } catch (error) {
    throw withAdvice(error);
  } finally {
    interrupt.release();
  }
  return ExitCode.done;
}

/** Runs a statement as its own transaction. Undefined if it returns no rows. */
async function written(
  warehouse: RedshiftDataWarehouse,
  sql: string,
  mostRows: number,
  signal: AbortSignal,
): Promise<ResultTable | undefined> {
  const id = await warehouse.submit([sql], { name: 'tributary query', clientToken: randomUUID() });
  await ended(warehouse, id, signal);
  return onlyReads(sql) ? warehouse.table(id, { mostRows, signal }) : undefined;
}

function print(result: ResultTable, { json, csv }: QueryCommandOptions): void {
  const lines = json
    ? jsonLines(result)
    : csv
      ? csvLines(result)
      : tableLines(result, paletteFor(process.stdout));
  for (const line of lines) process.stdout.write(`${line}\n`);
  if ((json || csv) && !result.isWhole)
    process.stderr.write(`These are the first ${result.rows.length} rows, as --limit asks.\n`);
}

function withAdvice(error: unknown): unknown {
  if (!(error instanceof CommandError) || !/read-only/i.test(error.message)) return error;
  return new CommandError(
    error.exitCode,
    `${error.message}\nTo let it write: ${TRIBUTARY} query --write "…"`,
    {
      cause: error,
    },
  );
}
