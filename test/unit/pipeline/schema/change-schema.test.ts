import { describe, expect, test } from '@jest/globals';
import { typeSql } from '../../../../src/pipeline/columns/redshift-type.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';
import { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import {
  forget,
  goneFor,
  removedLines,
  rename,
  resetSchema,
} from '../../../../src/pipeline/schema/change-schema.ts';
import { diffLines, diffSchemas, driftOf } from '../../../../src/pipeline/schema/drift.ts';
import { begun, refuseEarlierEpoch } from '../../../../src/pipeline/schema/epoch.ts';

const key: Key = [{ name: 'orderId', kind: 'S' }];

const item = (attributes: Record<string, AttributeValue>): Item =>
  ({ orderId: { S: 'a' }, ...attributes }) as Item;

/** The schema after another run over these items. */
function agreedAfter(
  before: AgreedSchema | undefined,
  run: number,
  items: readonly Item[],
  mapping = Mapping.parse({}),
) {
  const shredder = createShredder({ key, layouts: [], mapping });
  for (const each of items) shredder.shred(each);
  const at = new Date(Date.UTC(2026, 10, run)).toISOString();
  return agree(
    before,
    {
      ...{ pipeline: 'p', by: `r${run}`, at, whole: true, tableName: 'orders', key },
      ...{ seen: shredder.takeSeen(), layouts: [], mapping },
    },
    Date.parse(at),
  );
}

const columns = (schema: AgreedSchema, table = '') =>
  schema.tables
    .find(({ path }) => path === table)
    ?.columns.map(({ name, type }) => `${name} ${typeSql(type)}`);

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'not refused';
};

const line = { L: [{ M: { sku: { S: 'x' }, parts: { L: [{ N: '1' }] } } }] };
const first = agreedAfter(undefined, 1, [item({ total: { S: 'ten' }, note: { S: 'n' }, lines: line })]);

describe('forgetting', () => {
  test('a column lets it come back with a type that fits today’s items', () => {
    const forgotten = forget(first, ['orders.total'], 0);
    expect(AgreedSchema.parse(JSON.parse(JSON.stringify(forgotten)))).toEqual(forgotten);
    expect(forgotten).toMatchObject({ epoch: 2, revision: 2, changedBy: 'schema forget' });
    expect(removedLines(first, forgotten)).toEqual(['forgotten: column orders.total (total)']);
    const next = agreedAfter(forgotten, 2, [item({ total: { N: '10' }, note: { S: 'n' }, lines: line })]);
    expect(columns(next)).toEqual(['lines__count INTEGER', 'note VARCHAR(16)', 'total BIGINT']);
    expect(next.epoch).toBe(2);
    expect(diffLines(driftOf(next, 'r2'))).toEqual(['new column orders.total BIGINT (total)']);
  });

  test('a table forgets the tables below it, and nothing else', () => {
    const forgotten = forget(first, ['orders__lines'], 0);
    expect(forgotten.tables.map(({ name }) => name)).toEqual(['orders']);
    expect(Object.keys(forgotten.seen.tables)).toEqual(['']);
    expect(removedLines(first, forgotten)).toHaveLength(2);
  });

  test('what is gone names whole tables if nothing in them has a value', () => {
    const later = [2, 3].reduce(
      (schema, run) => agreedAfter(schema, run, [item({ note: { S: 'n' } })]),
      first,
    );
    expect(goneFor(later, 3)).toEqual([]);
    const gone = goneFor(later, 2);
    expect(gone).toEqual(['orders.lines__count', 'orders.total', 'orders__lines', 'orders__lines__parts']);
    expect(forget(later, gone, 0).tables.map(({ name }) => name)).toEqual(['orders']);
  });

  test('refuses what every table has, and what there is not', () => {
    expect(refusal(() => forget(first, ['orders'], 0))).toMatch(/table of the items/);
    expect(refusal(() => forget(first, ['orders.orderid'], 0))).toMatch(/primary key/);
    expect(refusal(() => forget(first, ['lines'], 0))).toMatch(
      /no table lines. It has orders, orders__lines/,
    );
    expect(refusal(() => forget(first, ['orders.tax'], 0))).toMatch(/orders has no column tax/);
  });
});

describe('renaming', () => {
  const mapping = Mapping.parse({});
  const renamed = (from: string, to: string, by = mapping) => rename(first, by, { from, to }, 0);

  test('tables, columns and the key, which later runs keep', () => {
    const next = agreedAfter(renamed('orders__lines', 'order_lines'), 2, [
      item({ total: { S: 'ten' }, lines: line }),
    ]);
    expect(next.tables.map(({ name }) => name)).toEqual(['orders', 'order_lines', 'orders__lines__parts']);
    expect(driftOf(next, 'r2').renamed).toEqual([]);
    const column = renamed('orders.total', 'grand_total');
    expect(columns(column)).toContain('grand_total VARCHAR(16)');
    expect(diffLines(diffSchemas(first, column))).toEqual(['total: total is now called grand_total']);
    const ofKey = renamed('orders__lines.orderid', 'order_id');
    expect(ofKey.key[0]?.columnName).toBe('order_id');
    expect(diffLines(diffSchemas(first, ofKey))).toEqual(['orderId: orderid is now called order_id']);
  });

  test('refuses a name that something else has or the mapping gives', () => {
    expect(refusal(() => renamed('orders', 'orders__lines'))).toMatch(/taken: table orders__lines/);
    expect(refusal(() => renamed('orders', '_tributary_marker'))).toMatch(/Tributary itself/);
    expect(refusal(() => renamed('orders.total', 'note'))).toMatch(/taken: column orders.note/);
    expect(refusal(() => renamed('orders.total', 'orderid'))).toMatch(/taken: the key of orders/);
    expect(refusal(() => renamed('orders__lines.sku', '_pos'))).toMatch(/a position/);
    expect(refusal(() => renamed('orders.total', 'xmin'))).toMatch(/system column/);
    expect(refusal(() => renamed('orders.orderid', 'sku'))).toMatch(/taken: column orders__lines.sku/);
    const names = Mapping.parse({ columns: { total: { name: 'total' }, tax: { name: 'vat' } } });
    expect(refusal(() => renamed('orders.total', 'sum', names))).toMatch(/Change the mapping instead/);
    expect(refusal(() => renamed('orders.note', 'vat', names))).toMatch(/the mapping gives it to tax/);
  });
});

describe('a reset', () => {
  test('lets the next run begin again, in a new epoch', () => {
    const old = agreedAfter(undefined, 1, [item({ shipTo: { S: 'x' } })], Mapping.parse({ naming: 'lower' }));
    const empty = resetSchema(old, 0);
    expect(AgreedSchema.parse(JSON.parse(JSON.stringify(empty)))).toEqual(empty);
    expect(begun(empty)).toBeUndefined();
    expect(empty).toMatchObject({ epoch: 2, revision: 2, tables: [] });
    const next = agreedAfter(
      empty,
      2,
      [item({ shipTo: { S: 'x' } })],
      Mapping.parse({ naming: 'snake_case' }),
    );
    expect(columns(next)).toEqual(['ship_to VARCHAR(16)']);
    expect(next).toMatchObject({ epoch: 2, revision: 3, since: 'r2', naming: 'snake_case' });
    expect(driftOf(next, 'r2').first).toBe(true);
  });

  test('a run planned before is refused at its seal, with advice', () => {
    const plan = { pipeline: 'p', run: 'r9' };
    expect(() => refuseEarlierEpoch(first, plan)).not.toThrow();
    expect(() => refuseEarlierEpoch(undefined, plan)).not.toThrow();
    const second = resetSchema(first, 0);
    expect(() => refuseEarlierEpoch(second, { ...plan, epoch: 2 })).not.toThrow();
    expect(() => refuseEarlierEpoch(second, plan)).toThrow(Refusal);
    expect(refusal(() => refuseEarlierEpoch(second, plan))).toMatch(
      /planned in epoch 1 .* epoch 2 has begun since \(schema reset\).*"tributary run p"/,
    );
  });
});
