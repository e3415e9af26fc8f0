import { describe, expect, test } from '@jest/globals';
import { addedOn, evolveTables, withEvolved } from '../../../../src/pipeline/apply/evolve-tables.ts';
import type { TableColumn } from '../../../../src/pipeline/apply/evolved.ts';
import { layoutsInUse, type TableInUse, tablesInUse } from '../../../../src/pipeline/apply/tables-in-use.ts';
import { unfitColumns } from '../../../../src/pipeline/apply/unfit-columns.ts';
import { wantedLayouts } from '../../../../src/pipeline/apply/wanted-layouts.ts';
import { typeSql } from '../../../../src/pipeline/columns/redshift-type.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { agree } from '../../../../src/pipeline/schema/agree.ts';
import type { Seen } from '../../../../src/pipeline/seen/seen.ts';

const KEY: Key = [{ name: 'id', kind: 'S' }];
const MAPPING = Mapping.parse({});
const DAY = '2026-11-30';

const id: TableColumn = {
  ...{
    name: 'id',
    type: { type: 'VARCHAR', bytes: 16 },
    role: 'key',
    path: 'id',
    form: 'scalar',
    notNull: true,
  },
};
const value = (name: string, type: TableColumn['type']): TableColumn => ({
  ...{ name, type, role: 'value', path: name, form: 'scalar', notNull: false },
});
const ORDERS: TableInUse = {
  ...{ path: '', name: 'orders' },
  columns: [id, value('n', { type: 'BIGINT' }), value('s', { type: 'VARCHAR', bytes: 16 })],
};

function seenIn(tables: readonly TableInUse[], items: readonly Item[]) {
  const looks = createShredder({ key: KEY, layouts: layoutsInUse(tables) });
  for (const item of items) looks.shred(item);
  const first = looks.takeSeen();
  const layouts = wantedLayouts(layoutsInUse(tables), first, KEY, { addedToday: () => 0, maxTables: 100 });
  const all = createShredder({ key: KEY, layouts });
  for (const item of items) all.shred(item);
  return { layouts, seen: all.takeSeen() };
}

const agreedOn = (seen: Seen) =>
  agree(
    undefined,
    {
      ...{ pipeline: 'orders', by: 'changes', at: '2026-11-30T00:00:00Z', whole: false, tableName: 'orders' },
      ...{ key: KEY, seen, layouts: [], mapping: MAPPING },
    },
    0,
  );

function evolvedBy(tables: readonly TableInUse[], items: readonly Item[]) {
  const { layouts, seen } = seenIn(tables, items);
  const tooShort = unfitColumns(tables, seen);
  return evolveTables(tables, { layouts, tooShort, agreed: agreedOn(seen), mapping: MAPPING, day: DAY });
}

const inSql = (columns: readonly TableColumn[]) =>
  columns.map(({ name, type }) => `${name} ${typeSql(type)}`);

describe('what the tables lack', () => {
  const items: Item[] = [
    {
      id: { S: 'a' },
      n: { N: '1' },
      s: { S: 'longer than sixteen bytes' },
      price: { N: '1.5' },
      lines: { L: [{ M: { sku: { S: 'x' } } }] },
    },
  ];

  test('columns are added, texts lengthened, and tables created with the key and positions', () => {
    const [orders, lines] = evolvedBy([ORDERS], items);
    expect(inSql(orders!.columns)).toEqual(['lines__count INTEGER', 'price DECIMAL(18,1)', 's VARCHAR(64)']);
    expect(lines!.name).toBe('orders__lines');
    expect(inSql(lines!.columns)).toEqual(['id VARCHAR(16)', '_pos INTEGER', 'sku VARCHAR(16)']);
  });

  test('the record and the manifest together are the tables in use, and hold everything', () => {
    const evolved = withEvolved(undefined, 'run', evolvedBy([ORDERS], items));
    const manifest = { tables: [{ ...ORDERS, rows: 0, layouts: {}, files: [], columns: [] as never[] }] };
    const known = tablesInUse(
      { tables: manifest.tables as never },
      withEvolved(evolved, 'run', [{ path: '', name: 'orders', columns: [...ORDERS.columns] }]),
    );
    const { seen } = seenIn(known, items);
    expect(unfitColumns(known, seen).map(({ column }) => column.name)).toEqual([]);
    expect(evolvedBy(known, items)).toEqual([]);
  });

  test('recording it again changes nothing, and the columns of a day are counted once', () => {
    const more = evolvedBy([ORDERS], items);
    const once = withEvolved(undefined, 'run', more);
    expect(withEvolved(once, 'run', more)).toEqual(once);
    expect([addedOn(once, DAY)(''), addedOn(once, '2026-12-01')(''), addedOn(undefined, DAY)('')]).toEqual([
      2, 0, 0,
    ]);
  });

  test('a name that something else has in the tables goes to no other path', () => {
    const taken: TableInUse = {
      ...ORDERS,
      columns: [...ORDERS.columns, { ...value('price', { type: 'BIGINT' }), path: 'cost' }],
    };
    expect(() => evolvedBy([taken], items)).toThrow('has that column for another path');
  });
});

describe('columns that cannot hold what was seen', () => {
  const unfit = (item: Item) =>
    unfitColumns([ORDERS], seenIn([ORDERS], [item]).seen).map(({ column, isTooShort }) => [
      column.name,
      isTooShort,
    ]);

  test('a text can be lengthened in place, another type cannot, and neither can a key', () => {
    expect(unfit({ id: { S: 'a' }, n: { N: '1' }, s: { S: 'x' } })).toEqual([]);
    expect(unfit({ id: { S: 'a' }, s: { S: 'x'.repeat(17) } })).toEqual([['s', true]]);
    expect(unfit({ id: { S: 'a' }, n: { N: '1.5' } })).toEqual([['n', false]]);
    expect(unfit({ id: { S: 'a' }, n: { S: 'text' } })).toEqual([['n', false]]);
    expect(unfit({ id: { S: 'x'.repeat(17) } })).toEqual([['id', false]]);
  });

  test('numbers fit into text', () => {
    expect(unfit({ id: { S: 'a' }, s: { N: '1' } })).toEqual([]);
  });
});
