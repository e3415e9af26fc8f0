import { afterEach } from '@jest/globals';
import type { Key } from '../../../src/pipeline/item/key.ts';
import type { Position } from '../../../src/pipeline/load/positions.ts';
import type { Stack } from '../loader/loaded-table.ts';
import { type AppliedKey, AppliedSchema, type TestTable, text } from './applied-schema.ts';

/** Creates schemas, which are dropped after each test. */
export function withSchemas(stack: () => Stack) {
  const schemas: AppliedSchema[] = [];
  afterEach(async () => {
    for (const schema of schemas.splice(0)) await schema.drop();
  });
  return async (key: Key, tables: readonly TestTable[], positions?: readonly Position[]) => {
    const schema = await AppliedSchema.create(stack(), key, tables, positions);
    schemas.push(schema);
    return schema;
  };
}

/** The key of `ORDERS`. */
export const BY_ID: Key = [{ name: 'id', kind: 'S' }];

const lines = (name: string): TestTable => ({
  name,
  columns: [
    ['id', text()],
    ['_pos', { type: 'INTEGER' }],
    ['sku', text()],
  ],
});

/** A root and the tables of its lists. */
export const ORDERS: readonly TestTable[] = [
  {
    name: 'orders',
    columns: [
      ['id', text()],
      ['v', text()],
    ],
  },
  lines('orders__lines'),
];

/** The same with so many child tables. */
export const ordersWith = (children: number): readonly TestTable[] => [
  ORDERS[0]!,
  ...Array.from({ length: children }, (_, i) => lines(`orders__list_${i}`)),
];

/** An item with a row in the root, and the same rows in every child table. */
export function order(
  id: string,
  v: string,
  skus: readonly string[] = [],
  [root, ...children]: readonly TestTable[] = ORDERS,
): AppliedKey {
  const members = skus.map((sku, i) => [id, String(i), sku]);
  return {
    key: { id: { S: id } },
    rows: { [root!.name]: [[id, v]], ...Object.fromEntries(children.map(({ name }) => [name, members])) },
  };
}

export const removed = (id: string): AppliedKey => ({ key: { id: { S: id } } });
