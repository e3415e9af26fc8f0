import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameColumns, nameKey } from '../../../../src/pipeline/columns/column-names.ts';
import type { Column, Form } from '../../../../src/pipeline/columns/layout.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { attributePath } from '../../../../src/pipeline/item/path.ts';
import { byteLength } from '../../../../src/pipeline/sql/identifier.ts';
import type { Naming } from '../../../../src/pipeline/sql/naming.ts';

const key: Key = [{ name: 'id', kind: 'S' }];
const column = (path: string, form: Form = 'scalar'): Column => ({ path, form });
const nameAll = (table: string, columns: Column[], { naming = 'lower' as Naming, of = key } = {}) =>
  nameColumns(table, nameKey(of, naming), columns, { naming });
const named = (table: string, columns: Column[], some?: { naming?: Naming; of?: Key }) =>
  Object.fromEntries(nameAll(table, columns, some).values.map((c) => [`${c.path} ${c.form}`, c.name]));
const hashed = (name: string) => expect.stringMatching(new RegExp(`^${name}_[0-9a-f]{8}$`));

describe('column names', () => {
  test('are the key, the positions, and the steps below the table', () => {
    const names = nameAll('prizes[].affiliations[]', [
      column('prizes[].affiliations[]', 'count'),
      column('prizes[].affiliations[]'),
      column('prizes[].affiliations[]', 'bytes'),
      column('prizes[].affiliations[].city.Name'),
    ]);
    expect(names.key).toEqual(['id']);
    expect(names.positions).toEqual(['_pos', '_pos2']);
    expect(names.values.map(({ name }) => name)).toEqual([
      'value',
      'value__bytes',
      'value__count',
      'city__name',
    ]);
  });

  test('distinguish the forms of one path', () => {
    expect(named('', [column('tags', 'count'), column('tags'), column('tags', 'bytes')])).toEqual({
      'tags scalar': 'tags',
      'tags bytes': 'tags__bytes',
      'tags count': 'tags__count',
    });
  });

  test('that collide: the later one in byte order has a hash', () => {
    expect(named('', [column('price'), column('Price')])).toEqual({
      'Price scalar': 'price',
      'price scalar': hashed('price'),
    });
    expect(named('', [column('a__b'), column('a.b')])).toEqual({
      'a.b scalar': 'a__b',
      'a__b scalar': hashed('a__b'),
    });
    expect(named('', [column('a.bytes'), column('a', 'bytes')])).toEqual({
      'a bytes': 'a__bytes',
      'a.bytes scalar': hashed('a__bytes'),
    });
  });

  test('in snake_case that collide: the later one in byte order has a hash', () => {
    const both = [column('created_at'), column('createdAt')];
    const names = { 'createdAt scalar': 'created_at', 'created_at scalar': hashed('created_at') };
    expect(named('', both, { naming: 'snake_case' })).toEqual(names);
    expect(named('', both.toReversed(), { naming: 'snake_case' })).toEqual(names);
  });

  test('in snake_case have words in every step, and so has the key', () => {
    const of: Key = [{ name: 'orderId', kind: 'S' }];
    const columns = [column('orderLines[].unitPrice.netAmount'), column('orderLines[].orderID')];
    expect(nameAll('orderLines[]', columns, { naming: 'snake_case', of })).toMatchObject({
      key: ['order_id'],
      values: [{ name: 'value__order_id' }, { name: 'unit_price__net_amount' }],
    });
  });

  test('of a list member that collide with a copied key are value__<name>', () => {
    expect(named('prizes[]', [column('prizes[].id'), column('prizes[].ID')])).toEqual({
      'prizes[].ID scalar': 'value__id',
      'prizes[].id scalar': hashed('value__id'),
    });
    expect(named('list[]', [column('list[]')], { of: [{ name: 'value', kind: 'N' }] })).toEqual({
      'list[] scalar': 'value__value',
    });
  });

  test('of the root that collide with a key have a hash, because they are other attributes', () => {
    expect(named('', [column('ID')])).toEqual({ 'ID scalar': hashed('id') });
  });

  test('are never those of positions, in any table', () => {
    expect(named('', [column('_pos'), column('_pos2')])).toEqual({
      '_pos scalar': hashed('_pos'),
      '_pos2 scalar': hashed('_pos2'),
    });
    expect(nameKey([{ name: '_pos', kind: 'S' }], 'lower')).toEqual([hashed('_pos')]);
  });

  test("are never those of the warehouse's system columns", () => {
    const kept = ['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid', 'insertxid', 'deletexid'];
    const names = named(
      '',
      [...kept, 'CTID', 'oids'].map((name) => column(name)),
    );
    for (const name of kept) expect(names[`${name} scalar`]).toEqual(hashed(name));
    expect(names['CTID scalar']).toEqual(hashed('ctid'));
    expect(names['oids scalar']).toBe('oids');
    expect(nameKey([{ name: 'oid', kind: 'S' }], 'lower')).toEqual([hashed('oid')]);
  });

  test('of two keys that collide differ', () => {
    expect(
      nameKey(
        [
          { name: 'id', kind: 'S' },
          { name: 'Id', kind: 'N' },
        ],
        'lower',
      ),
    ).toEqual(['id', hashed('id')]);
  });

  test('are joined first and then made legal', () => {
    const paths = [attributePath('a', '1b'), attributePath('1a', ''), attributePath('', '')];
    const names = nameAll(
      '',
      paths.map((path) => column(path)),
    ).values;
    expect(new Map(names.map(({ path, name }) => [path, name]))).toEqual(
      new Map([
        [paths[0], 'a__1b'],
        [paths[1], '_1a___'],
        [paths[2], '_'],
      ]),
    );
  });

  test('that are too long are truncated, and kept distinct by a hash', () => {
    const long = 'x'.repeat(200);
    const names = Object.values(named('', [column(`${long}1`), column(`${long}2`)]));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^x{118}_[0-9a-f]{8}$/);
  });

  test('are unique, short, and the same whatever the order of the columns', () => {
    const namings = fc.constantFrom<Naming>('lower', 'snake_case');
    const attribute = fc.oneof(
      fc.constantFrom(
        'createdAt',
        'created_at',
        'CreatedAt',
        'id',
        'ID',
        'Id',
        '_pos',
        'value',
        'a',
        'A',
        'a__b',
        'a.b',
        'count',
        'bytes',
        'a__count',
        '__proto__',
        'constructor',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    const path = fc
      .tuple(fc.constantFrom('', 'list[]'), fc.array(attribute, { minLength: 1, maxLength: 3 }))
      .map(([table, steps]) => steps.reduce(attributePath, table));
    const columns = fc.uniqueArray(
      fc.record({ path, form: fc.constantFrom<Form>('scalar', 'bytes', 'count') }),
      { selector: ({ path: p, form }) => `${form}:${p}`, maxLength: 40 },
    );
    fc.assert(
      fc.property(columns, fc.constantFrom('', 'list[]'), namings, (all, table, naming) => {
        const inTable = all.filter(({ path: p }) => p.startsWith('list[]') === (table !== '') && p !== 'id');
        const names = nameAll(table, inTable, { naming });
        const every = [...names.key, ...names.positions, ...names.values.map(({ name }) => name)];
        expect(new Set(every).size).toBe(every.length);
        for (const name of every) expect(byteLength(name)).toBeLessThanOrEqual(127);
        expect(nameAll(table, inTable.toReversed(), { naming })).toEqual(names);
      }),
    );
  });
});
