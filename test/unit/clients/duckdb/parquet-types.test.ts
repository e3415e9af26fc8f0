import { expect, test } from '@jest/globals';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import { literal } from '../../../../src/pipeline/datasets/parquet/duckdb-sql.ts';
import type { ColumnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { read } from '../../docs/pages.ts';
import { stepDirectories, writeRowFiles } from './step-directory.ts';

const newDirectory = stepDirectories();
const engine = createDuckDbTableEngine();

const kind = (
  name: 'string' | 'bigint' | 'double' | 'boolean' | 'timestamp' | 'date' | 'binary',
): ColumnType => ({ kind: name });
const decimal = (precision: number): ColumnType => ({ kind: 'decimal', precision, scale: 2 });

/** A column of each row of the table in docs/parquet-types.md, under the name of that row. */
const COLUMNS: Readonly<Record<string, ColumnType>> = {
  ...{ string: kind('string'), bigint: kind('bigint'), double: kind('double'), boolean: kind('boolean') },
  ...{ timestamp: kind('timestamp'), date: kind('date'), binary: kind('binary') },
  ...{ 'decimal 9': decimal(9), 'decimal 10': decimal(10), 'decimal 18': decimal(18) },
  ...{ 'decimal 19': decimal(19), 'decimal 38': decimal(38) },
  members: { kind: 'list', of: kind('bigint') },
  struct: { kind: 'struct', fields: [{ name: 'field', type: kind('bigint') }] },
};

/** The cells of a row of the table, without backquotes. */
function documented(first: string): readonly string[] {
  const row = read('docs/parquet-types.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${first} |`));
  return (row ?? '').split('|').map((cell) => cell.replaceAll('`', '').trim());
}

test('columns are in the files what docs/parquet-types.md states, and DuckDB reads them so', async () => {
  const directory = newDirectory();
  const columns = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }));
  const rowFiles = writeRowFiles(directory, columns, [
    { cells: columns.map(() => null), partition: 'p', input: 0 },
  ]);
  const [batch] = await engine.writeRows({ columns, rowFiles, directory });
  const { written } = await engine.mergePartition({
    ...{ columns, sort: [], existing: [], duplicates: [], dropped: [], compareAll: false },
    added: [{ path: batch!.path, inputs: [0] }],
    directory: newDirectory(),
  });
  const { path } = written[0]!;
  const rowsOf = async (sql: string) => {
    const found: (readonly (string | null)[])[] = [];
    const tables = { t: { columns, partitionColumns: [], partitions: [{ values: [], files: [path] }] } };
    for await (const { rows } of engine.query({ sql, tables, directory: newDirectory() }))
      for (const row of rows) found.push(row);
    return found;
  };

  const schema = await rowsOf(
    `SELECT name, type, converted_type, logical_type FROM parquet_schema(${literal(path)})`,
  );
  const parquet = new Map(
    schema.map(([name, type, converted, logical]) => [
      name,
      [...(type === null ? [] : [type]), ...(converted === null ? [] : [converted])].join(', ') +
        (/isAdjustedToUTC=(1|true)/i.test(logical ?? '') ? ', adjusted to UTC' : ''),
    ]),
  );
  const described = await rowsOf(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
  const types = new Map(described.map(([name, type]) => [name, type]));

  for (const name of ['string', 'bigint', 'double', 'boolean', 'timestamp', 'date', 'binary']) {
    const [, , inParquet, inDuckDb] = documented(`\`${name}\``);
    expect([name, parquet.get(name), types.get(name)]).toEqual([name, inParquet, inDuckDb]);
  }
  expect(documented('`decimal(p,s)`').slice(2, 4)).toEqual([
    'DECIMAL(p,s) in INT32 (p up to 9), INT64 (up to 18), else FIXED_LEN_BYTE_ARRAY',
    'DECIMAL(p,s)',
  ]);
  expect([9, 10, 18, 19, 38].map((p) => [parquet.get(`decimal ${p}`), types.get(`decimal ${p}`)])).toEqual([
    ['INT32, DECIMAL', 'DECIMAL(9,2)'],
    ['INT64, DECIMAL', 'DECIMAL(10,2)'],
    ['INT64, DECIMAL', 'DECIMAL(18,2)'],
    ['FIXED_LEN_BYTE_ARRAY, DECIMAL', 'DECIMAL(19,2)'],
    ['FIXED_LEN_BYTE_ARRAY, DECIMAL', 'DECIMAL(38,2)'],
  ]);
  expect(documented('a list').slice(2, 4)).toEqual(['LIST (list, element)', 'T[]']);
  expect([parquet.get('members'), types.get('members'), parquet.has('element')]).toEqual([
    'LIST',
    'BIGINT[]',
    true,
  ]);
  expect(documented('a struct').slice(2, 4)).toEqual(['group', 'STRUCT(…)']);
  expect([parquet.get('struct'), types.get('struct')]).toEqual(['', 'STRUCT(field BIGINT)']);
  // Every column is optional, has statistics, and is compressed with zstd.
  const [chunk] = await rowsOf(
    `SELECT count(*) FILTER (compression = 'ZSTD')::VARCHAR, count(*)::VARCHAR FROM parquet_metadata(${literal(path)})`,
  );
  expect(chunk![0]).toBe(chunk![1]);
});
