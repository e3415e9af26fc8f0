import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameTables } from '../../../../src/pipeline/columns/table-names.ts';
import { attributePath, memberPath } from '../../../../src/pipeline/item/path.ts';
import { byteLength } from '../../../../src/pipeline/sql/identifier.ts';

const names = (dynamoTable: string, ...tables: string[]) =>
  Object.fromEntries(nameTables(dynamoTable, tables, { naming: 'lower' }));

describe('table names', () => {
  test('are the root and the steps of the lists', () => {
    expect(names('nobel', 'prizes[]', 'laureates[]', 'prizes[].affiliations[]')).toEqual({
      '': 'nobel',
      'prizes[]': 'nobel__prizes',
      'laureates[]': 'nobel__laureates',
      'prizes[].affiliations[]': 'nobel__prizes__affiliations',
    });
  });

  test('add value for a list inside a list', () => {
    expect(names('t', 'a[]', 'a[][]', 'a[][].b.c[]')).toEqual({
      '': 't',
      'a[]': 't__a',
      'a[][]': 't__a__value',
      'a[][].b.c[]': 't__a__value__b__c',
    });
  });

  test('are legal', () => {
    expect(names('My-Table.v2', 'Tags List[]')).toEqual({
      '': 'my_table_v2',
      'Tags List[]': 'my_table_v2__tags_list',
    });
  });

  test('in snake_case have words in every step', () => {
    const tables = nameTables('ProdOrders.v2', ['orderLines[]', 'orderLines[].taxRates[]'], {
      naming: 'snake_case',
    });
    expect([...tables.values()]).toEqual([
      'prod_orders_v2',
      'prod_orders_v2__order_lines',
      'prod_orders_v2__order_lines__tax_rates',
    ]);
  });

  test('that collide: the later one has a hash', () => {
    expect(names('t', 'A[]', 'a[]')).toEqual({
      '': 't',
      'A[]': 't__a',
      'a[]': expect.stringMatching(/^t__a_[0-9a-f]{8}$/),
    });
  });

  test("never are one of Tributary's own", () => {
    expect(names('_tributary_marker')['']).toMatch(/^_tributary_marker_[0-9a-f]{8}$/);
  });

  test('are unique and short, whatever the order of the lists', () => {
    const attribute = fc.oneof(fc.constantFrom('a', 'A', 'a__b', 'value', ''), fc.string({ unit: 'binary' }));
    const table = fc
      .array(fc.tuple(attribute, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 })
      .map((lists) =>
        lists.reduce((path, [name, levels]) => {
          let list = attributePath(path, name);
          for (let level = 0; level < levels; level++) list = memberPath(list);
          return list;
        }, ''),
      );
    fc.assert(
      fc.property(fc.uniqueArray(table), fc.constantFrom('lower', 'snake_case'), (tables, naming) => {
        const given = nameTables('x'.repeat(120), tables, { naming });
        expect(new Set(given.values()).size).toBe(tables.length + 1);
        for (const name of given.values()) expect(byteLength(name)).toBeLessThanOrEqual(127);
        expect([...nameTables('x'.repeat(120), tables.toReversed(), { naming })]).toEqual([...given]);
      }),
    );
  });
});
