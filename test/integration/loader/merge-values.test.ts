import { describe, expect, test } from '@jest/globals';
import { inexactValues } from '../../../src/pipeline/merge/staging.ts';
import { LoadedTable } from './loaded-table.ts';
import { withStack } from './with-stack.ts';

const { stack, schema } = withStack();
const RULE = { key: ['id'], newest: 'updated' };
const create = (merge = true) =>
  LoadedTable.create(
    stack,
    schema,
    '"id" INT, "updated" BIGINT, "price" DECIMAL(10,2), "rate" DECIMAL(38,37), "name" VARCHAR(4)',
    merge ? RULE : undefined,
  );
const file = (...rows: (string | null)[][]) => ({
  columns: ['id', 'updated', 'price', 'rate', 'name'],
  rows,
});

describe.each([
  ['merges', true],
  ['appends', false],
])('a batch that %s', (_, merge) => {
  test.each([
    ['1.239', 'a digit too many'],
    ['123456789', 'too large'],
    ['1e3', 'an exponent'],
    ['.', 'no digit'],
    ['1,5', 'a comma'],
  ])('with %s in a DECIMAL(10,2) fails its guard (%s), and nothing is stored', async (value) => {
    const table = await create(merge);
    const load = await table.plan([
      file(['1', '1', '0.5', null, null]),
      {
        columns: ['price', 'updated', 'id'],
        rows: [
          ['7', '1', '2'],
          [value, '1', '3'],
        ],
      },
    ]);
    await expect(table.run(load)).rejects.toThrow('guard values');
    expect(await table.rows()).toEqual([]);
    expect(await table.batch(1)).toBeUndefined();
    expect(await stack.sql(...inexactValues(load, 1)!)).toEqual([
      { column: 'price', type: 'decimal(10,2)', value },
    ]);
  });

  test('keeps every digit that fits, and takes blank fields for NULL', async () => {
    const table = await create(merge);
    const most = `-9.${'1'.repeat(37)}`;
    await table.load([
      file(
        ['1', '1', '+00012345678.9000', most, null],
        ['2', '1', ' ', '', ''],
        ['3', '1', '-.5', '0', ' '],
        ['4', '1', null, null, null],
      ),
    ]);
    const rows = await table.rows();
    expect(rows.map(({ price, rate, name }) => [price, rate, name])).toEqual([
      ['12345678.90', most, null],
      [null, null, ''],
      ['-0.50', `0.${'0'.repeat(37)}`, ' '],
      [null, null, null],
    ]);
  });

  test('never cuts a text', async () => {
    const table = await create(merge);
    await expect(table.load([file(['1', '1', '1', '1', 'ééé'])])).rejects.toThrow(/LoadFailed|load/i);
    expect(await table.rows()).toEqual([]);
  });

  test('reads JSON by name, its numbers with all their digits', async () => {
    const table = await create(merge);
    const load = await table.planJson(
      ['id', 'updated', 'price'],
      '{"updated": 1, "id": 1, "price": 0.10, "unknown": {}}\n{"id": 2, "updated": 1}\n{"price": "7.5", "id": 3, "updated": 1}',
    );
    await table.run(load);
    expect((await table.rows()).map(({ id, price }) => [id, price])).toEqual([
      ['1', '0.10'],
      ['2', null],
      ['3', '7.50'],
    ]);
    const inexact = await table.planJson(
      ['id', 'updated', 'price'],
      '{"id": 4, "updated": 1, "price": 1.001}',
    );
    await expect(table.run(inexact)).rejects.toThrow('guard values');
  });
});
