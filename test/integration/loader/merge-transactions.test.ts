import { describe, expect, test } from '@jest/globals';
import { batchStatements } from '../../../src/pipeline/merge/batch-statements.ts';
import { beside } from '../../../src/pipeline/merge/beside-tables.ts';
import { adoptTable, initLock } from '../../../src/pipeline/merge/lock-table.ts';
import { forgetOlder, recordFiles } from '../../../src/pipeline/merge/transaction.ts';
import { sqlOf } from '../../../src/pipeline/sql/guarded-statement.ts';
import { openTransaction } from '../../run-sql.ts';
import { LoadedTable } from './loaded-table.ts';
import { withStack } from './with-stack.ts';

const { stack, schema } = withStack();
const RULE = { key: ['id'], newest: 'updated', deletes: { column: 'Op', values: ['D'] } };
const DEFINITION = '"id" VARCHAR(20), "updated" BIGINT, "v" VARCHAR(20)';
const COLUMNS = ['id', 'updated', 'v'];
const create = (merges = true) => LoadedTable.create(stack, schema, DEFINITION, merges ? RULE : undefined);
const file = (...rows: string[][]) => ({ columns: COLUMNS, rows });

describe('two writers of one table', () => {
  test('at once: one of them loads, and the other fails its guard', async () => {
    const table = await create();
    for (let round = 1; round <= 5; round++) {
      const plans = [
        await table.plan([file(['a', String(round), 'one'])]),
        await table.plan([file(['a', String(round), 'two'])]),
      ];
      const results = await Promise.allSettled(plans.map((plan) => table.run(plan)));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { message: 'guard version' },
      });
      expect(await table.rows()).toHaveLength(1);
    }
    expect(await table.lock()).toMatchObject({ version: 5 });
  });

  test('that begin at once leave one lock row', async () => {
    const table = await create();
    const { tableId } = await table.target();
    await stack.sql(`DELETE FROM ${beside('lock', table)}`);
    await Promise.all(Array.from({ length: 4 }, () => stack.sql(...initLock(table.asTarget(), tableId))));
    expect(await stack.sql(`SELECT * FROM ${beside('lock', table)}`)).toEqual([
      { version: 0, table_id: tableId },
    ]);
  });
});

test('a query never waits for a batch: it reads the rows from before, until the batch commits', async () => {
  const table = await create();
  await table.load([file(['a', '1', 'before'])]);
  const load = await table.plan([file(['a', '2', 'after'])]);
  const step = openTransaction(stack.warehouse);
  await step('BEGIN');
  for (const statement of sqlOf(batchStatements(load))) {
    await step(statement);
    expect(await table.rows()).toEqual([{ id: 'a', updated: '1', v: 'before' }]);
  }
  await step('COMMIT');
  expect(await table.rows()).toEqual([{ id: 'a', updated: '2', v: 'after' }]);
});

describe.each([
  ['merges', true],
  ['appends', false],
])('a batch that %s', (_, merges) => {
  test('does nothing if the table was replaced, until an operator has agreed', async () => {
    const table = await create(merges);
    const load = await table.plan([file(['a', '1', 'x'])]);
    await stack.sql(`DROP TABLE "${schema}"."${table.table}"`);
    await stack.sql(`CREATE TABLE "${schema}"."${table.table}" (${DEFINITION})`);
    await expect(table.run(load)).rejects.toThrow('guard table');
    const { tableId } = await table.target();
    const lock = await table.lock();
    expect(lock.tableId).not.toBe(tableId);
    await stack.run(adoptTable(table.asTarget(), lock, tableId));
    await table.load([file(['b', '1', 'x'])]);
    expect((await table.rows()).map(({ id }) => id)).toEqual(['b']);
  });

  test('does nothing if a column was added since it was planned', async () => {
    const table = await create(merges);
    const load = await table.plan([file(['a', '1', 'x'])]);
    await stack.sql(`ALTER TABLE "${schema}"."${table.table}" ADD COLUMN "w" INT`);
    await expect(table.run(load)).rejects.toThrow('guard table');
    await table.run({ ...load, target: await table.target() });
    expect(await table.rows()).toHaveLength(1);
  });

  test('never loads a file twice, nor one that was skipped', async () => {
    const table = await create(merges);
    const load = await table.load([file(['a', '1', 'x'])]);
    const skipped = await table.plan([file(['b', '1', 'x'])]);
    await stack.run(recordFiles(skipped, { skipped: skipped.files }));
    const { version } = await table.lock();
    await expect(table.run({ ...load, batch: 7, version })).rejects.toThrow('guard files');
    await expect(table.run({ ...skipped, batch: 8, version })).rejects.toThrow('guard files');
    expect(await table.rows()).toHaveLength(1);
    expect(await table.ledger([...load.files, ...skipped.files])).toMatchObject([
      { state: 'loaded', batch: 1 },
      { state: 'skipped', batch: 2 },
    ]);
  });

  test('takes a file that differs from a loaded one in its ETag only, or in a blank at the end of its key', async () => {
    const table = await create(merges);
    const key = `loader-tests/${schema}/it's a "key" \\ with é ${table.table}`;
    const columns = COLUMNS;
    await table.load([{ key, columns, rows: [['a', '1', 'x']] }]);
    await table.load([
      {
        key,
        columns,
        rows: [
          ['a', '1', 'x'],
          ['b', '1', 'x'],
        ],
      },
    ]);
    await table.load([{ key: `${key} `, columns, rows: [['c', '1', 'x']] }]);
    expect(new Set((await table.rows()).map(({ id }) => id))).toEqual(new Set(['a', 'b', 'c']));
    expect(await table.ledger([{ key }, { key: `${key} ` }])).toHaveLength(3);
  });

  test('lists files in an object if they are too many for its statements', async () => {
    const table = await create(merges);
    const many = Array.from({ length: 230 }, (_, i) => file([`id ${i}`, '1', 'x']));
    const load = await table.load(many);
    expect(load.fileListKey).toBeDefined();
    expect(await table.rows()).toHaveLength(230);
    expect(await table.ledger(load.files)).toHaveLength(230);
    await expect(table.run({ ...load, version: load.version + 1 })).rejects.toThrow('guard files');
  });

  test('without a file to load leaves the table as it is', async () => {
    const table = await create(merges);
    await table.load([file()]);
    expect(await table.rows()).toEqual([]);
    expect(await table.batch(1)).toMatchObject({ rowsRead: 0, rowsWritten: 0 });
  });
});

test('an append fills the defaults of columns that its files lack, and may repeat rows', async () => {
  const table = await LoadedTable.create(
    stack,
    schema,
    '"n" BIGINT IDENTITY(1, 1), "id" VARCHAR(20), "source" VARCHAR(20) DEFAULT \'files\'',
  );
  await table.load([
    { columns: ['id'], rows: [['a'], ['a']] },
    { columns: ['source', 'id'], rows: [['other', 'b']] },
  ]);
  expect((await table.rows()).map(({ id, source }) => `${id} ${source}`).sort()).toEqual([
    'a files',
    'a files',
    'b other',
  ]);
  expect(await table.batch(1)).toMatchObject({ rowsRead: 3, rowsWritten: 3, rowsDeleted: 0, setAside: 0 });
});

test('a replacement by an append deletes the rows that meet its condition first', async () => {
  const table = await create(false);
  await table.load([file(['a', '1', 'monday'], ['b', '1', 'tuesday'])]);
  await table.load([file(['c', '1', 'monday'], ['c', '1', 'monday'])], { replace: `"v" = 'monday'` });
  expect((await table.rows()).map(({ id }) => id)).toEqual(['b', 'c', 'c']);
  expect(await table.batch(2)).toMatchObject({ rowsRead: 2, rowsReplaced: 1 });
});

test('what is older than so many days is forgotten', async () => {
  const table = await create();
  const load = await table.load([{ columns: ['Op', ...COLUMNS], rows: [['D', 'a', '1', '']] }]);
  await stack.sql(...forgetOlder(table.asTarget(), 'files', 1));
  await stack.sql(...forgetOlder(table.asTarget(), 'tombstones', 1));
  expect(await table.ledger(load.files)).toHaveLength(1);
  expect(await table.tombstones()).toHaveLength(1);
  await stack.sql(`UPDATE ${beside('files', table)} SET "recorded_at" = DATEADD(day, -3, GETDATE())`);
  await stack.sql(
    `UPDATE ${beside('tombstones', table)} SET "_tributary_recorded_at" = DATEADD(day, -3, GETDATE())`,
  );
  await stack.sql(...forgetOlder(table.asTarget(), 'files', 2));
  await stack.sql(...forgetOlder(table.asTarget(), 'tombstones', 2));
  expect(await table.ledger(load.files)).toEqual([]);
  expect(await table.tombstones()).toEqual([]);
});

test('a table of 1,580 columns is merged in a session, and the last of its columns decides a tie', async () => {
  const names = Array.from({ length: 1578 }, (_, i) => `c${String(i).padStart(4, '0')}`);
  const definition = ['"id" VARCHAR(20)', '"updated" BIGINT', ...names.map((name) => `"${name}" VARCHAR(9)`)];
  const table = await LoadedTable.create(stack, schema, definition.join(', '), RULE);
  const columns = ['id', 'updated', ...names];
  const row = (last: string) => ['a', '1', ...names.map((_, i) => (i === names.length - 1 ? last : null))];
  await table.load([
    { columns, rows: [row('x'), row('z'), row('y'), [null, '1', ...names.map(() => null)]] },
  ]);
  const load = await table.load([{ columns, rows: [row('w')] }]);
  expect((await table.rows()).map(({ id, c1577 }) => [id, c1577])).toEqual([['a', 'z']]);
  expect(await table.setAside()).toMatchObject([{ reason: 'id is NULL', row: { updated: 1, c1577: null } }]);
  expect(await table.batch(1)).toMatchObject({ rowsRead: 4, rowsWritten: 1, setAside: 1 });
  expect(sqlOf(batchStatements(load)).join('').length).toBeGreaterThan(100_000);
});
