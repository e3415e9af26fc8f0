import { describe, expect, test } from '@jest/globals';
import { estimateTables } from '../../../../src/pipeline/estimate/table-estimates.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';

const key = [{ name: 'pk', kind: 'S' as const }];
const mapping = Mapping.parse({});
const MB = 1024 * 1024;

function schemaOf(items: readonly Item[]) {
  const shredder = createShredder({ key, layouts: [], mapping });
  for (const item of items) shredder.shred(item);
  const seen = shredder.takeSeen();
  const at = '2026-01-01T00:00:00Z';
  const observed = { pipeline: 'p', by: 'plan', at, whole: false, tableName: 'Orders', key, seen, mapping };
  return { seen, schema: agree(undefined, { ...observed, layouts: [] }, 0) };
}

const order = (n: number): Item => ({
  pk: { S: `order-${n}` },
  total: { N: '12.25' },
  lines: { L: [{ M: { sku: { S: 'x'.repeat(100) } } }, { M: { sku: { S: 'y' } } }] },
});

describe('tables of a sample', () => {
  const { seen, schema } = schemaOf([order(1), order(2)]);

  test('have the rows of the whole table, and the columns that the seal would create', () => {
    const tables = estimateTables(undefined, schema, seen, 1000, 100);
    expect(tables).toMatchObject([
      {
        name: 'orders',
        rows: 2000,
        columns: 3,
        isNew: true,
        named: [
          { name: 'pk', type: 'VARCHAR(16)' },
          { name: 'lines__count', type: 'INTEGER' },
          { name: 'total', type: 'DECIMAL(18,2)' },
        ],
      },
      { name: 'orders__lines', rows: 4000, columns: 3, isNew: true },
    ]);
    expect(tables[1]?.named?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'pk VARCHAR(16)',
      '_pos INTEGER',
      expect.stringMatching(/^sku VARCHAR/),
    ]);
  });

  test('take at least a block per column and slice, and else their values', () => {
    const [small] = estimateTables(undefined, schema, seen, 1, 100);
    expect(small?.bytes).toBe((3 + 3) * 2 * MB);
    const [, lines] = estimateTables(undefined, schema, seen, 1e6, 100);
    // Two lines per order: 101 bytes of sku, and twice 7 of the key.
    expect(lines?.bytes).toBe(2e6 * (101 + 2 * 7));
  });

  test('are not new if the schema has them', () => {
    expect(estimateTables(schema, schema, seen, 1, 100).map(({ isNew }) => isNew)).toEqual([false, false]);
  });

  test('are counted, but not named, beyond the limit', () => {
    const tables = estimateTables(undefined, schema, seen, 1, 3);
    expect(tables.map(({ columns, named }) => [columns, named?.length])).toEqual([
      [3, 3],
      [3, undefined],
    ]);
  });
});

test('an empty table takes no space', () => {
  const { seen, schema } = schemaOf([]);
  expect(estimateTables(undefined, schema, seen, 0, 100)).toMatchObject([{ rows: 0, bytes: 0 }]);
});
