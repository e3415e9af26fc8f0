import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import { canonicalText, quoted } from '../../../../src/pipeline/datasets/parquet/duckdb-sql.ts';
import { INPUT } from '../../../../src/pipeline/datasets/parquet/reserved-columns.ts';
import { canonicalCell, canonicalRowText, cellOf, EVERY_TYPE } from './cells.ts';
import { type PartitionedRow, stepDirectories, writeRowFiles } from './step-directory.ts';

const engine = createDuckDbTableEngine({ memoryBytes: 256 * 1024 ** 2 });
const newDirectory = stepDirectories();

const sample = fc.sample(fc.tuple(...EVERY_TYPE.map(({ type }) => cellOf(type))), {
  numRuns: 3000,
  seed: 16,
});
const rows: readonly PartitionedRow[] = sample.map((cells, input) => ({
  cells,
  partition: `p${input % 3}`,
  input,
}));
const canonical = ({ cells }: PartitionedRow) =>
  EVERY_TYPE.map(({ type }, index) => canonicalCell(cells[index] ?? null, type));

test('what is read is what was written: every type, at its boundaries', async () => {
  const directory = newDirectory();
  const rowFiles = writeRowFiles(directory, EVERY_TYPE, rows);
  const files = await engine.writeRows({
    columns: EVERY_TYPE,
    rowFiles,
    directory,
  });
  expect(files.map(({ partition }) => partition)).toEqual(['p0', 'p1', 'p2']);

  const texts = EVERY_TYPE.map(({ name, type }) => canonicalText(quoted(name), type));
  for (const [index, file] of files.entries()) {
    const sql = `SELECT ${INPUT}, ${texts.join(', ')} FROM files`;
    const found = new Map<number, readonly (string | null)[]>();
    const partitions = [{ values: [], files: [file.path] }];
    const columns = [...EVERY_TYPE, { name: INPUT, type: { kind: 'bigint' as const } }];
    const tables = { files: { columns, partitionColumns: [], partitions } };
    for await (const block of engine.query({ sql, tables, directory: newDirectory() })) {
      for (const [input, ...values] of block.rows) found.set(Number(input), values);
    }
    const expected = rows.filter(({ partition }) => partition === `p${index}`);
    expect(found.size).toBe(expected.length);
    expect(file.rows).toBe(expected.length);
    for (const row of expected) expect(found.get(row.input)).toEqual(canonical(row));
  }
});

test('content: the sums are those of MD5 over the text of each row, whatever the order and the number of files', async () => {
  const directory = newDirectory();
  const rowFiles = writeRowFiles(directory, EVERY_TYPE, rows);
  const split = await engine.writeRows({ columns: EVERY_TYPE, rowFiles, directory });
  const together = newDirectory();
  const all = rows.toReversed().map((row) => ({ ...row, partition: 'all' }));
  const whole = await engine.writeRows({
    columns: EVERY_TYPE,
    rowFiles: writeRowFiles(together, EVERY_TYPE, all),
    directory: together,
  });
  const contentOf = (files: readonly { path: string }[]) =>
    engine.contentOf({
      columns: EVERY_TYPE,
      files: files.map(({ path }) => path),
      directory: newDirectory(),
    });

  const sums: [bigint, bigint] = [0n, 0n];
  for (const row of rows) {
    const digest = createHash('md5').update(canonicalRowText(EVERY_TYPE, row.cells)).digest();
    sums[0] += digest.readBigUInt64LE(0);
    sums[1] += digest.readBigUInt64LE(8);
  }
  const expected = { rows: rows.length, sums: sums.map(String) };
  expect(await contentOf(split)).toMatchObject(expected);
  expect(await contentOf(whole)).toMatchObject(expected);
  expect((await contentOf(split.slice(1))).sums).not.toEqual(expected.sums);
  expect(await contentOf([])).toMatchObject({ rows: 0, sums: ['0', '0'] });
});
