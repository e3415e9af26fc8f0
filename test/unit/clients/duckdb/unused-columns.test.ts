import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { columnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { stepDirectories } from './step-directory.ts';

const engine = createDuckDbTableEngine({ threads: 1 });
const directory = stepDirectories();

const columnsOf = (types: Readonly<Record<string, string>>): TableColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type: columnType(type) }));

const TRANSACTIONS = { account: 'bigint', amount: 'decimal(18,2)', reference: 'string' };

/** A file of which every byte of one column's pages is another one. */
async function damagedFile(day: number): Promise<string> {
  const { path = '' } = await engine.derive({
    sql: `SELECT i % 7 AS account, ${day}.25::DECIMAL(18,2) AS amount, 'Payment ' || hash(i) AS reference FROM range(20000) r(i)`,
    ...{ tables: {}, columns: columnsOf(TRANSACTIONS), directory: directory() },
  });
  const bytes = readFileSync(path);
  const { row_groups: groups } = parquetMetadata(new Uint8Array(bytes).buffer);
  let damaged = 0;
  for (const { meta_data: chunk } of groups.flatMap(({ columns }) => columns)) {
    if (chunk?.path_in_schema.join('.') !== 'reference') continue;
    const from = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
    for (let at = from; at < from + Number(chunk.total_compressed_size); at++) bytes[at] = ~bytes[at]! & 255;
    damaged += Number(chunk.total_compressed_size);
  }
  // Most of the file.
  expect(damaged).toBeGreaterThan(bytes.length / 2);
  writeFileSync(path, bytes);
  return path;
}

test('a step does not decode columns that it does not use', async () => {
  const partitions = [
    { values: ['2026-11-01'], files: [await damagedFile(1)] },
    { values: ['2026-11-02'], files: [await damagedFile(2)] },
  ];
  const table = {
    columns: columnsOf(TRANSACTIONS),
    partitionColumns: columnsOf({ day: 'date' }),
    partitions,
  };
  const derive = (sql: string, types: Readonly<Record<string, string>>) =>
    engine.derive({
      ...{ sql, tables: { transactions: table }, columns: columnsOf(types), directory: directory() },
    });

  const made = await derive(
    'SELECT account, day, sum(amount) AS total, count(*) AS n FROM transactions GROUP BY account, day',
    { account: 'bigint', day: 'date', total: 'decimal(38,2)', n: 'bigint' },
  );
  expect(made.content.rows).toBe(14);
  const sums = await derive('SELECT sum(amount) AS total, count(*) AS n FROM transactions', {
    ...{ total: 'decimal(38,2)', n: 'bigint' },
  });
  const rows: unknown[] = [];
  const result = { columns: columnsOf({ total: 'decimal(38,2)', n: 'bigint' }), partitionColumns: [] };
  const files = [sums.path ?? ''];
  for await (const { rows: some } of engine.query({
    ...{ sql: 'FROM r', tables: { r: { ...result, partitions: [{ values: [], files }] } } },
    directory: directory(),
  }))
    rows.push(...some);
  expect(rows).toEqual([['70000.00', '40000']]);

  // It is damaged: a step that uses the column fails.
  await expect(derive('SELECT max(reference) AS last FROM transactions', { last: 'string' })).rejects.toThrow(
    /.+/,
  );
});
