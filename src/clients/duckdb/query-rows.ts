import { type DuckDBValue, StatementType } from '@duckdb/node-api';
import { tableView } from '../../pipeline/datasets/parquet/query-sql.ts';
import { Terminal } from '../errors.ts';
import type { QueryRows, TableQuery } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';

/** Runs one SELECT over views of the tables, and passes on its rows, block by block. */
export async function queryRows(
  database: Database,
  { sql, tables }: TableQuery,
  pass: (rows: QueryRows) => Promise<void>,
): Promise<void> {
  for (const [name, table] of Object.entries(tables)) await database.run(tableView(name, table));
  const prepared = await onlySelect(database, sql);
  const result = await prepared.stream();
  const columns = result.columnNames();
  const types = result.columnTypes().map(String);
  let isEmpty = true;
  for await (const chunk of result.yieldRows()) {
    isEmpty = false;
    await pass({ columns, types, rows: chunk.map((row) => row.map(valueText)) });
  }
  if (isEmpty) await pass({ columns, types, rows: [] });
}

/** @throws Terminal `QueryInvalid` if the text is not one statement that only reads */
export async function onlySelect(database: Database, sql: string) {
  const statements = await database.connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new Terminal('QueryInvalid', `The query must be one statement; this text has ${statements.count}`);
  }
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT && prepared.statementType !== StatementType.EXPLAIN) {
    throw new Terminal('QueryInvalid', 'The query must be a SELECT: datasets are only read here');
  }
  return prepared;
}

const valueText = (value: DuckDBValue): string | null => (value === null ? null : String(value));
