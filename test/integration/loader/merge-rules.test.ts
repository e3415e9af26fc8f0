import { describe, expect, test } from '@jest/globals';
import { LoadedTable } from './loaded-table.ts';
import { withStack } from './with-stack.ts';

const { stack, schema } = withStack();

const RULE = { key: ['id'], newest: 'updated', deletes: { column: 'Op', values: ['D'] } };
const COLUMNS = ['id', 'updated', 'v'];
const create = (columns = '"id" VARCHAR(20) NOT NULL, "updated" BIGINT, "v" VARCHAR(20)') =>
  LoadedTable.create(stack, schema, columns, RULE);

describe('of the rows and deletes with one key', () => {
  test('the newest is stored, in whatever order they come', async () => {
    const table = await create();
    const first = [
      ['a', '2', 'second'],
      ['b', '1', 'first'],
      ['a', '1', 'first'],
    ];
    const second = [
      ['a', '1', 'late'],
      ['b', '2', 'second'],
    ];
    await table.load([{ columns: COLUMNS, rows: first }]);
    await table.load([{ columns: COLUMNS, rows: second }]);
    expect(await table.rows()).toEqual([
      { id: 'a', updated: '2', v: 'second' },
      { id: 'b', updated: '2', v: 'second' },
    ]);
    expect(await table.batch(2)).toEqual({
      batch: 2,
      attempt: 'attempt-2',
      rowsRead: 2,
      rowsWritten: 1,
      rowsDeleted: 0,
      rowsReplaced: 0,
      setAside: 0,
    });
  });

  test('keys that differ in trailing blanks are different keys', async () => {
    const table = await create();
    const rows = [
      ['a', '1', 'a'],
      ['a ', '2', 'a blank'],
      ['a  ', '3', 'two blanks'],
    ];
    await table.load([{ columns: COLUMNS, rows }]);
    await table.load([{ columns: ['Op', 'id', 'updated'], rows: [['D', 'a ', '4']] }]);
    expect((await table.rows()).map(({ v }) => v)).toEqual(['a', 'two blanks']);
    expect(await table.tombstones()).toEqual([{ id: 'a ', updated: '4' }]);
  });

  test('a delete that arrives before the older row it deletes wins', async () => {
    const table = await create();
    await table.load([{ columns: ['Op', ...COLUMNS], rows: [['D', 'a', '5', null]] }]);
    await table.load([{ columns: COLUMNS, rows: [['a', '4', 'older']] }]);
    expect(await table.rows()).toEqual([]);
    expect(await table.tombstones()).toEqual([{ id: 'a', updated: '5' }]);
  });

  test('a newer row brings a deleted key back, and its tombstone goes', async () => {
    const table = await create();
    await table.load([{ columns: ['Op', ...COLUMNS], rows: [['D', 'a', '5', null]] }]);
    await table.load([{ columns: COLUMNS, rows: [['a', '6', 'newer']] }]);
    expect(await table.rows()).toEqual([{ id: 'a', updated: '6', v: 'newer' }]);
    expect(await table.tombstones()).toEqual([]);
  });

  test.each([
    ['together', 1],
    ['the row first', 2],
    ['the delete first', 2],
  ])('of a row and a delete at the same time the delete wins: %s', async (order, batches) => {
    const table = await create();
    const row = ['I', 'a', '5', 'row'];
    const gone = ['D', 'a', '5', 'zzz'];
    const entries = order === 'the delete first' ? [gone, row] : [row, gone];
    const files = batches === 1 ? [entries] : entries.map((entry) => [entry]);
    for (const rows of files) await table.load([{ columns: ['Op', ...COLUMNS], rows }]);
    expect(await table.rows()).toEqual([]);
    expect(await table.tombstones()).toEqual([{ id: 'a', updated: '5' }]);
  });

  test('a row without a mark is not a delete, and only the mark itself is one', async () => {
    const table = await create();
    const rows = [null, '', 'd', 'D ', 'I'].map((op, i) => [op, `id ${i}`, '1', op]);
    await table.load([{ columns: ['Op', ...COLUMNS], rows }]);
    expect(await table.rows()).toHaveLength(5);
    expect(await table.tombstones()).toEqual([]);
  });

  test.each([
    ['x first', ['x', 'y']],
    ['y first', ['y', 'x']],
  ])('columns that are added in another order change nothing: %s', async (_, order) => {
    const table = await create('"id" VARCHAR(20), "updated" BIGINT');
    for (const column of order) {
      await table.addColumns({ name: column, type: 'INT' });
      await table.load([{ columns: ['id', 'updated', column], rows: [['a', '1', '1']] }]);
    }
    expect(await table.rows()).toEqual([{ id: 'a', updated: '1', x: '1', y: null }].map(inOrder(order)));
  });

  test('SUPER values of more than 64 KB decide a tie', async () => {
    const table = await create('"id" VARCHAR(20), "updated" BIGINT, "s" SUPER');
    const long = 'a'.repeat(50_000);
    const rows = [1, 3, 2].map((n) => ['a', '1', JSON.stringify([long, long, n])]);
    for (const row of rows) await table.load([{ columns: ['id', 'updated', 's'], rows: [row] }]);
    const [only] = await stack.sql(`SELECT "s"[2]::INT AS "n" FROM "${schema}"."${table.table}"`);
    expect(only).toEqual({ n: 3 });
  });
});

const inOrder = (names: readonly string[]) => (row: Record<string, string | null>) =>
  Object.fromEntries(['id', 'updated', ...names].map((name) => [name, row[name]]));

describe('a row whose key or newest is NULL', () => {
  test('is set aside with its batch and its reason, although the target refuses NULL keys', async () => {
    const table = await create(
      '"id" VARCHAR(20) NOT NULL, "updated" TIMESTAMP NOT NULL, "price" DECIMAL(10,2), "on" DATE, "is" BOOLEAN, "raw" VARBYTE(4)',
    );
    const columns = ['id', 'updated', 'price', 'on', 'is', 'raw'];
    await table.load([
      {
        columns,
        rows: [
          [null, '2024-01-01 00:00:00', '1.50', '2024-02-29', 'true', 'ff'],
          ['a', null, null, null, null, null],
          ['b', '2024-01-01 00:00:00', '1', null, null, null],
        ],
      },
    ]);
    expect(await table.rows()).toHaveLength(1);
    const setAside = await table.setAside();
    expect(setAside.sort((a, b) => (a.reason < b.reason ? -1 : 1))).toEqual([
      {
        reason: 'id is NULL',
        row: {
          id: null,
          updated: '2024-01-01 00:00:00',
          price: '1.50',
          on: '2024-02-29',
          is: true,
          raw: 'ff',
        },
      },
      {
        reason: 'updated is NULL',
        row: { id: 'a', updated: null, price: null, on: null, is: null, raw: null },
      },
    ]);
    expect(await table.batch(1)).toMatchObject({ rowsRead: 3, rowsWritten: 1, setAside: 2 });
  });
});

describe('a replacement', () => {
  const rows = (day: string, ...ids: string[]) => ids.map((id) => [id, '5', day]);
  const replace = `"v" = 'monday' -- of all weeks`;

  test('deletes the rows that meet its condition, and loads keys that were deleted later', async () => {
    const table = await create();
    await table.load([{ columns: COLUMNS, rows: [...rows('monday', 'a', 'b'), ...rows('tuesday', 'c')] }]);
    await table.load([
      {
        columns: ['Op', 'id', 'updated'],
        rows: [
          ['D', 'd', '9'],
          ['D', 'e', '9'],
        ],
      },
    ]);
    await table.load([{ columns: COLUMNS, rows: rows('monday', 'a', 'd') }], { replace });
    expect(new Set((await table.rows()).map(({ id, v }) => `${id} ${v}`))).toEqual(
      new Set(['a monday', 'c tuesday', 'd monday']),
    );
    expect(await table.tombstones()).toEqual([{ id: 'e', updated: '9' }]);
    expect(await table.batch(3)).toMatchObject({ rowsRead: 2, rowsWritten: 2, rowsReplaced: 2 });
  });

  test('supersedes files that waited: they are never loaded', async () => {
    const table = await create();
    const parked = await table.plan([{ columns: COLUMNS, rows: rows('monday', 'x') }]);
    await table.load([{ columns: COLUMNS, rows: rows('monday', 'a') }], {
      replace,
      superseded: parked.files,
    });
    const { version } = await table.lock();
    await expect(table.run({ ...parked, batch: 9, version })).rejects.toThrow('guard files');
    expect(await table.ledger(parked.files)).toMatchObject([{ state: 'superseded', batch: 2 }]);
    expect((await table.rows()).map(({ id }) => id)).toEqual(['a']);
  });
});
