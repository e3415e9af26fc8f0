import {
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBUnionValue,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
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

/** Lists, structs and maps are JSON. */
function valueText(value: DuckDBValue): string | null {
  if (value === null) return null;
  return isNested(value) ? JSON.stringify(asJson(value)) : String(value);
}

const isNested = (value: DuckDBValue): boolean =>
  [DuckDBListValue, DuckDBArrayValue, DuckDBStructValue, DuckDBMapValue].some(
    (kind) => value instanceof kind,
  ) ||
  (value instanceof DuckDBUnionValue && isNested(value.value));

/** Numbers where JavaScript's hold them, else exact text, as for columns. */
function asJson(value: DuckDBValue): unknown {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(asJson);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, member]) => [name, asJson(member)]));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: member }) => [String(key), asJson(member)]));
  if (value instanceof DuckDBUnionValue) return asJson(value.value);
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return value === null || typeof value === 'boolean' ? value : String(value);
}

const isSafe = (value: bigint) => Number.isSafeInteger(Number(value));
