import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { rootCause } from '../../../src/contract/failure.ts';
import { parked, withLoaders } from './loader-harness.ts';

const { define, harness } = withLoaders();
const MERGE = { key: ['id'], newest: 'updated' };

describe('JSON', () => {
  test('fills columns by the names of its keys; keys without a column are named', async () => {
    const loader = define({ format: { kind: 'json' } });
    await loader.createTable('id INT, place VARCHAR(64), mag DECIMAL(4,2), tags SUPER');
    const result = await loader.loadAll(
      await loader.drop(
        'a.json',
        '{"id":1,"place":"Oslo","depth":3}\n{"mag":1.25,"id":2,"tags":["x",{"y":1}]}\n',
      ),
      await loader.drop('b.json.gz', gzipSync('{"id":3,\n "Place":"Rome"}')),
    );
    expect(result).toMatchObject({ files: 2, rows: 3 });
    expect(result.notes).toEqual([
      'Columns of files that the table does not have were left out: depth, Place.',
    ]);
    expect(await loader.rows()).toEqual([
      { id: '1', place: 'Oslo', mag: null, tags: null },
      { id: '2', place: null, mag: '1.25', tags: '["x",{"y":1}]' },
      { id: '3', place: null, mag: null, tags: null },
    ]);
  });

  test('with new keys evolves the table: SUPER for objects, text for the rest', async () => {
    const loader = define({
      format: { kind: 'json', paths: 'auto ignorecase' },
      onDrift: 'evolve',
      merge: MERGE,
    });
    await loader.createTable('id VARCHAR(10), updated BIGINT');
    const result = await loader.loadAll(
      await loader.drop('a.json', '{"Id":"a","updated":1,"depth":3.5,"at":{"lat":1}}'),
    );
    expect(result.notes).toEqual(['Columns added to the table: at, depth.']);
    expect(await loader.rows()).toEqual([{ id: 'a', updated: '1', at: '{"lat":1}', depth: '3.5' }]);
  });

  test('marks deletes with a key in any case', async () => {
    const deletes = { column: 'Op', values: ['D'] };
    const loader = define({
      format: { kind: 'json', paths: 'auto ignorecase' },
      merge: { ...MERGE, deletes },
    });
    await loader.createTable('id VARCHAR(10), updated BIGINT');
    const rows = '{"id":"a","updated":1}{"id":"b","updated":1,"Op":"I"}{"id":"a","updated":2,"Op":"D"}';
    expect(await loader.loadAll(await loader.drop('a.json', rows))).toMatchObject({ merged: 1, deleted: 1 });
    expect(await loader.rows()).toEqual([{ id: 'b', updated: '1' }]);
  });

  test('is read by the paths of a JSONPaths file, or without a look for new keys', async () => {
    await harness.store.put('jsonpaths/a.json', '{"jsonpaths":["$.at.place","$.other","$.key"]}');
    const byPaths = define({
      format: {
        kind: 'json',
        paths: `s3://${harness.store.bucket}/jsonpaths/a.json`,
        columns: ['place', 'ignored', 'id'],
      },
    });
    await byPaths.createTable('id INT, place VARCHAR(10)');
    await byPaths.loadAll(await byPaths.drop('a.json', '{"key":1,"at":{"place":"Oslo"},"other":5}'));
    expect(await byPaths.rows()).toEqual([{ id: '1', place: 'Oslo' }]);

    const deletes = { column: 'op', values: ['D'] };
    const unseen = define({ format: { kind: 'json', detectNewKeys: false }, merge: { ...MERGE, deletes } });
    await unseen.createTable('id VARCHAR(10), updated BIGINT');
    const rows = '{"id":"a","updated":1,"new":1}{"id":"b","updated":2}{"id":"b","updated":3,"op":"D"}';
    expect(await unseen.loadAll(await unseen.drop('a.json', rows))).toMatchObject({ merged: 1, deleted: 1 });
    expect(await unseen.rows()).toEqual([{ id: 'a', updated: '1' }]);
  });

  test('that does not fit parks the batch with the line, key and value', async () => {
    const loader = define({ format: { kind: 'json' }, merge: MERGE });
    await loader.createTable('id VARCHAR(10), updated BIGINT, mag DECIMAL(4,2)');
    const bad = await loader.drop('a.json', '{"id":"a","updated":1}\n{"id":"b","updated":2,"mag":1.239}\n');
    expect(await parked(loader, await loader.writeBatch([bad]))).toMatchObject({
      type: 'LoadFailed',
      message: expect.stringContaining(
        `line 2 of s3://${bad.bucket}/${bad.key}, column mag (decimal(4,2)), value '1.239', item id='b'`,
      ),
    });
  });
});

/** @param columns by name: type and values */
function parquet(columns: Readonly<Record<string, readonly [BasicType, readonly unknown[]]>>): Uint8Array {
  const columnData = Object.entries(columns).map(([name, [type, data]]) => ({ name, type, data: [...data] }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

describe('Parquet', () => {
  const format = { kind: 'parquet' };

  test('creates the table from its schema, and fills columns by name whatever their order', async () => {
    const loader = define({ format, target: { create: true }, merge: MERGE });
    await harness.sql(`CREATE SCHEMA "${loader.schema}"`);
    const first = parquet({
      id: ['STRING', ['a', 'b']],
      updated: ['INT64', [1n, 1n]],
      mag: ['DOUBLE', [1.5, 2]],
    });
    expect(await loader.loadAll(await loader.drop('1.parquet', first))).toMatchObject({ merged: 2 });
    const second = parquet({ Updated: ['INT64', [2n, 0n]], ID: ['STRING', ['a', 'b']] });
    expect(await loader.loadAll(await loader.drop('2.parquet', second))).toMatchObject({
      rows: 2,
      merged: 1,
    });
    expect(await loader.rows()).toEqual([
      { id: 'a', updated: '2', mag: null },
      { id: 'b', updated: '1', mag: '2' },
    ]);
  });

  test('is converted where COPY would refuse it, and its new columns get their own types', async () => {
    const loader = define({ format, onDrift: 'evolve' });
    await loader.createTable('id BIGINT, place VARCHAR(8), mag REAL');
    const body = parquet({
      id: ['INT32', [1, 2]],
      place: ['STRING', ['Oslo', null]],
      mag: ['DOUBLE', [1.5, null]],
      felt: ['BOOLEAN', [true, null]],
    });
    expect(await loader.loadAll(await loader.drop('1.parquet', body))).toMatchObject({ rows: 2 });
    expect(await loader.rows()).toEqual([
      { id: '1', place: 'Oslo', mag: '1.5', felt: 'true' },
      { id: '2', place: null, mag: null, felt: null },
    ]);
  });

  test('that is something else is refused by name', async () => {
    const loader = define({ format });
    await loader.createTable('id INT');
    const bad = await loader.drop('a.parquet', 'id\n1\n');
    expect(await parked(loader, await loader.writeBatch([bad]))).toMatchObject({
      type: 'FileUnreadable',
      message: expect.stringContaining(
        `s3://${bad.bucket}/${bad.key} is not a Parquet file (no PAR1 at its end). `,
      ),
    });
    const body = Buffer.from(parquet({ id: ['INT32', [1]] }));
    const cutOff = await loader.drop('cut.parquet', body.subarray(body.length - 20));
    expect(await parked(loader, await loader.writeBatch([cutOff]))).toMatchObject({
      message: expect.stringContaining('it is shorter than its footer, so it was cut off. '),
    });
    const damaged = await loader.drop('damaged.parquet', body.fill(0xff, body.length - 20, body.length - 8));
    expect(await parked(loader, await loader.writeBatch([damaged]))).toMatchObject({
      message: expect.stringContaining('is not a readable Parquet file: its footer is damaged. '),
    });
    const unsigned = await loader.drop(
      'b.parquet',
      parquet({ id: ['UUID', ['00000000-0000-0000-0000-000000000000']] }),
    );
    expect(await parked(loader, await loader.writeBatch([unsigned]))).toMatchObject({
      type: 'FileUnreadable',
      message: expect.stringContaining('a Parquet type that COPY cannot load'),
    });
  });

  test('that does not fit the table parks its batch at once, with file and column', async () => {
    const loader = define({ format });
    await loader.createTable('id INT, place VARCHAR(3)');
    const text = await loader.drop('a.parquet', parquet({ id: ['STRING', ['1']] }));
    const long = await loader.drop('b.parquet', parquet({ place: ['STRING', ['Oslo']] }));
    for (const [file, what] of [
      [text, 'incompatible Parquet schema for column'],
      [long, 'The length of the data column place is longer'],
    ] as const) {
      const { type, message, attempts } = await parked(loader, await loader.writeBatch([file]));
      expect({ type, attempts }).toEqual({ type: 'LoadFailed', attempts: 1 });
      expect(message).toMatch(/^A file does not fit the table/);
      expect(message).toContain(what);
      expect(message).toContain(`${file.bucket}/${file.key}`);
    }
    expect(await loader.rows()).toEqual([]);
  });
});

describe('text', () => {
  test('has separators of its own, and columns without a header', async () => {
    const loader = define({
      format: { kind: 'text', delimiter: '|', escape: true, columns: ['place', 'id'], nullText: 'none' },
    });
    await loader.createTable('id INT, place VARCHAR(64), mag INT');
    await loader.loadAll(
      await loader.drop('a.txt', 'Os\\|lo|1\nnone|2\n'),
      await loader.drop('b.txt.zst', zstdCompressSync('Rome|3')),
    );
    expect(await loader.rows()).toEqual([
      { id: '1', place: 'Os|lo', mag: null },
      { id: '2', place: null, mag: null },
      { id: '3', place: 'Rome', mag: null },
    ]);
  });
});

describe('compressed files', () => {
  test('that are not what their key says are refused by name', async () => {
    const loader = define();
    await loader.createTable('id INT');
    const bad = await loader.drop('a.csv.gz', 'id\n1\n');
    const handle = await loader.start(await loader.writeBatch([bad]));
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(rootCause((failure as Error).cause)).toMatchObject({
      type: 'FileUnreadable',
      message: expect.stringContaining(`s3://${bad.bucket}/${bad.key} cannot be decompressed with gzip`),
    });
  });
});

describe('empty files', () => {
  test('beside Parquet, such as `_SUCCESS`, are loaded without rows and never read', async () => {
    for (const rule of [{}, { merge: MERGE }]) {
      const loader = define({ format: { kind: 'parquet' }, target: { create: true }, ...rule });
      await harness.sql(`CREATE SCHEMA "${loader.schema}"`);
      const body = parquet({ id: ['STRING', ['a']], updated: ['INT64', [1n]] });
      const marker = await loader.drop('_SUCCESS', '');
      const part = await loader.drop('part-0.parquet', '');
      const batch = await loader.writeBatch([marker, part, await loader.drop('part-1.parquet', body)]);
      const result = await loader.load(batch);
      expect(result).toMatchObject({ files: 3, rows: 1 });
      expect(result.notes).toEqual([`1 file empty, so without a row: s3://${part.bucket}/${part.key}.`]);
      expect(await loader.closed(batch)).toMatchObject({
        others: [
          { key: marker.key, outcome: 'empty' },
          { key: part.key, outcome: 'empty' },
        ],
      });
      const alone = await loader.drop('_committed_7', '');
      expect(await loader.loadAll(alone)).toMatchObject({ files: 1, rows: 0 });
      const again = await loader.loadAll(alone, marker);
      expect(again.notes?.[0]).toContain('2 files not loaded again');
      expect(await loader.rows()).toEqual([{ id: 'a', updated: '1' }]);
    }
  });

  test.each(['csv', 'json'])('of %s without a header are not read by COPY', async (kind) => {
    const loader = define({ format: { kind, ...(kind === 'csv' ? { header: false } : {}) } });
    await loader.createTable('id INT');
    const empty = await loader.drop('empty', '');
    const full = await loader.drop('full', kind === 'csv' ? '1\n' : '{"id":1}\n');
    expect(await loader.loadAll(empty, full)).toMatchObject({ files: 2, rows: 1 });
    expect(await loader.rows()).toEqual([{ id: '1' }]);
  });

  test('are loaded once, without rows', async () => {
    const loader = define();
    await loader.createTable('id INT');
    const empty = await loader.drop('empty.csv', '');
    const onlyHeader = await loader.drop('header.csv', 'id\n');
    expect(await loader.loadAll(empty, onlyHeader)).toMatchObject({ files: 2, rows: 0 });
    const alone = await loader.drop('alone.csv', '');
    expect(await loader.loadAll(alone)).toMatchObject({ files: 1, rows: 0 });
    expect(await loader.loadAll(empty, alone)).toMatchObject({ files: 0 });
    expect(await harness.sql(`SELECT count(*) AS "rows" FROM "${loader.schema}"."quakes"`)).toEqual([
      { rows: 0 },
    ]);
  });
});
