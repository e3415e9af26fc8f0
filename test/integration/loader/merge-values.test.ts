import { describe, expect, test } from '@jest/globals';
import { columnType } from '../../../src/pipeline/merge/column-type.ts';
import { isInexactValue } from '../../../src/pipeline/merge/exact-decimal.ts';
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

describe('a number of another type than its column’s', () => {
  /** As `inexactValues` asks it of Parquet's values, which COPY reads by their own types. */
  const isInexact = async (value: string, own: string, type: string) => {
    const condition = isInexactValue('"x"', columnType(own), columnType(type));
    const [row] = await stack.sql(`SELECT ${condition} AS "is" FROM (SELECT ${value}::${own} AS "x") AS "v"`);
    return row!.is;
  };

  test.each([
    [
      'decimal(12,3)',
      'decimal(10,2)',
      ['1.230', '-99999999.99', '0'],
      ['1.231', '100000000', '-100000000.5'],
    ],
    ['bigint', 'int', ['2147483647', '-2147483648'], ['2147483648', '-2147483649']],
    ['decimal(38,0)', 'bigint', ['-9223372036854775808', '9223372036854775807'], ['9223372036854775808']],
    ['bigint', 'decimal(4,2)', ['99', '-99'], ['100']],
    ['decimal(12,3)', 'bigint', ['7.000'], ['7.001']],
    ['float8', 'decimal(10,2)', ['0.1', '-2.5', '99999999.99'], ['0.125', '1e8', '1e300']],
    ['timestamp', 'date', ["'2024-02-29 00:00:00'"], ["'2024-02-29 00:00:01'"]],
  ])('from %s to %s keeps its value, or is found', async (own, type, exact, inexact) => {
    for (const value of exact) expect([value, await isInexact(value, own, type)]).toEqual([value, false]);
    for (const value of inexact) expect([value, await isInexact(value, own, type)]).toEqual([value, true]);
    expect(await isInexact('NULL', own, type)).not.toBe(true);
  });
});
