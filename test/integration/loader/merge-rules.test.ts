import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LoadedTable, Stack } from './loaded-table.ts';

let stack: Stack;
const schema = `merge_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  stack = new Stack();
  await stack.sql(`CREATE SCHEMA "${schema}"`);
});
afterAll(() => stack.sql(`DROP SCHEMA "${schema}" CASCADE`));

const RULE = { key: ['id'], newest: 'updated', deletes: { column: 'Op', values: ['D'] } };
const create = (columns = '"id" VARCHAR(20), "updated" BIGINT, "v" VARCHAR(20)') =>
  LoadedTable.create(stack, schema, columns, RULE);

describe('of the rows and deletes with one key', () => {
  test('the newest is stored, in whatever order they come', async () => {
    const table = await create();
    await table.load([
      {
        columns: ['id', 'updated', 'v'],
        rows: [
          ['a', '2', 'second'],
          ['b', '1', 'first'],
          ['a', '1', 'first'],
        ],
      },
    ]);
    await table.load([
      {
        columns: ['id', 'updated', 'v'],
        rows: [
          ['a', '1', 'late'],
          ['b', '2', 'second'],
        ],
      },
    ]);
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
});
