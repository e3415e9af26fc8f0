import { describe, expect, test } from '@jest/globals';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping, NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../../../src/pipeline/schema/agreed-schema.ts';
import { withNaming, withNamingOf } from '../../../../src/pipeline/schema/with-naming.ts';
import { legalName } from '../../../../src/pipeline/sql/identifier.ts';
import { seenOf } from '../load/part-files.ts';

const key: Key = [{ name: 'orderId', kind: 'S' }];
const first: Item = {
  orderId: { S: '1' },
  createdAt: { N: '1' },
  orderLines: { L: [{ M: { unitPrice: { N: '2' } } }] },
};
const second: Item = {
  ...first,
  created_at: { N: '1' },
  shippedAt: { N: '1' },
  orderLines: { L: [{ M: { unitPrice: { N: '2' }, orderID: { N: '3' }, taxRates: { L: [{ N: '4' }] } } }] },
};

/** The schema after a run over an item, planned and sealed with this mapping. */
function agreedBy(before: AgreedSchema | undefined, item: Item, wanted: Mapping = NO_MAPPING): AgreedSchema {
  return sealed(before, item, withNaming(wanted, before));
}

function sealed(before: AgreedSchema | undefined, item: Item, mapping: Mapping): AgreedSchema {
  return agree(
    before,
    {
      ...{ pipeline: 'p', by: `r${before?.revision ?? 0}`, at: '2026-11-01T00:00:00Z', whole: true },
      ...{ tableName: 'SalesOrders', key, seen: seenOf([item], key, mapping), layouts: [], mapping },
    },
    0,
  );
}

const names = ({ key: keys, tables }: AgreedSchema) => ({
  key: keys.map(({ columnName }) => columnName),
  ...Object.fromEntries(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])),
});

const LOWER = {
  key: ['orderid'],
  salesorders: ['createdat', 'orderlines__count'],
  salesorders__orderlines: ['unitprice'],
};
const hashed = (name: string) => expect.stringMatching(new RegExp(`^${name}_[0-9a-f]{8}$`));
const mapping = (naming: 'lower' | 'snake_case') => Mapping.parse({ naming });

/** As version 0.1.0 wrote it. */
function olderSchema(): AgreedSchema {
  const { naming, ...schema } = sealed(undefined, first, NO_MAPPING);
  expect(naming).toBe('lower');
  return schema;
}

test.each(['createdAt', '2nd', 'नाम', 'ユーザーID', 'q\u0308Y', 'ภาษาไทย'])(
  'the name derived from %s can be set for another attribute',
  (attribute) => {
    const name = legalName(attribute, 'snake_case');
    expect(Mapping.parse({ columns: { other: { name } } }).columns.other?.name).toBe(name);
  },
);

describe('the naming of a pipeline', () => {
  test('without an agreed schema is snake_case, which the schema records', () => {
    const schema = agreedBy(undefined, first);
    expect(schema.naming).toBe('snake_case');
    expect(names(schema)).toEqual({
      key: ['order_id'],
      sales_orders: ['created_at', 'order_lines__count'],
      sales_orders__order_lines: ['unit_price'],
    });
  });

  test('is what its mapping says, and later runs need not repeat it', () => {
    const schema = agreedBy(undefined, first, mapping('lower'));
    expect(names(schema)).toEqual(LOWER);
    expect(agreedBy(schema, first)).toMatchObject({ naming: 'lower', revision: 1 });
    expect(names(agreedBy(schema, second))).toMatchObject({
      salesorders: ['createdat', 'orderlines__count', 'created_at', 'shippedat'],
    });
  });

  test('that version 0.1.0 began stays lower', () => {
    const schema = agreedBy(olderSchema(), second);
    expect(schema).not.toHaveProperty('naming');
    expect(names(schema)).toEqual({
      key: ['orderid'],
      salesorders: ['createdat', 'orderlines__count', 'created_at', 'shippedat'],
      salesorders__orderlines: ['unitprice', 'value__orderid', 'taxrates__count'],
      salesorders__orderlines__taxrates: ['value'],
    });
  });

  test('can change for new names, while agreed names stay, the key among them', () => {
    const schema = agreedBy(olderSchema(), second, mapping('snake_case'));
    expect(names(schema)).toEqual({
      key: ['orderid'],
      salesorders: ['createdat', 'orderlines__count', 'created_at', 'shipped_at'],
      salesorders__orderlines: ['unitprice', 'order_id', 'tax_rates__count'],
      salesorders__order_lines__tax_rates: ['value'],
    });
    expect(schema).not.toHaveProperty('naming');
    expect(names(agreedBy(schema, second))).toEqual(names(schema));
  });

  test('never gives a new column the agreed name of the key', () => {
    const lower = agreedBy(olderSchema(), { ...first, orderid: { N: '1' } }, mapping('snake_case'));
    expect(names(lower)).toMatchObject({
      salesorders: ['createdat', 'orderlines__count', hashed('orderid')],
    });
  });

  test('of an older plan is lower, even if another run has begun the schema in snake_case', () => {
    const schema = sealed(agreedBy(undefined, first), second, NO_MAPPING);
    expect(schema.naming).toBe('snake_case');
    expect(names(schema)).toMatchObject({
      sales_orders: ['created_at', 'order_lines__count', hashed('created_at'), 'shippedat'],
    });
  });

  test('of a replay is that of the replayed run, unless the mapping has another', () => {
    expect(withNamingOf(NO_MAPPING, mapping('snake_case')).naming).toBe('snake_case');
    expect(withNamingOf(NO_MAPPING, NO_MAPPING).naming).toBe('lower');
    expect(withNamingOf(mapping('snake_case'), mapping('lower')).naming).toBe('snake_case');
  });
});
