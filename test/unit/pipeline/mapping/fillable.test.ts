import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import { fillableColumns, fillableTables } from '../../../../src/pipeline/mapping/fillable.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { seenOf } from '../load/part-files.ts';
import { items, mappings } from './any-mapping.ts';
import { HOSTILE_KEY as key } from './hostile-items.ts';

test('a mapping can fill every table and column that items have with it', () => {
  fc.assert(
    fc.property(items, mappings, (some, mapping) => {
      const seen = seenOf(some, key, mapping);
      const layouts = finalLayouts(seen, key);
      expect(Object.keys(seen.tables).filter((table) => !fillableTables(mapping)(table))).toEqual([]);
      const columns = layouts.flatMap((layout) => layout.columns);
      expect(columns.filter((column) => !fillableColumns(mapping)(column))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['[gone].a', {}],
  ['a', { columns: { a: { ignore: true } } }],
  ['a.b', { columns: { a: { ignore: true } } }],
  ['a.b', { columns: { a: { asSuper: true } } }],
  ['a', { columns: { a: { asSuper: true } } }],
  ['a.%super', {}],
  ['a.b', { columns: { a: { asRows: true } } }],
  ['a[key].b', {}],
  ['a', { columns: { a: { split: true } } }],
  ['a.%s', {}],
  ['a.b.c', { maxDepth: 2 }],
  ['a.b.%super', { maxDepth: 3 }],
])('not the column %s with %j', (path, mapping) => {
  expect(fillableColumns(Mapping.parse(mapping))({ path, form: 'scalar' })).toBe(false);
});

test.each([
  ['[gone]', {}],
  ['[gone].a[]', {}],
  ['a[]', { columns: { a: { asSuper: true } } }],
  ['a.b[]', { maxDepth: 2 }],
  ['a[key]', {}],
  ['a.b[]', { columns: { a: { asRows: true } } }],
])('not the table %s with %j', (path, mapping) => {
  expect(fillableTables(Mapping.parse(mapping))(path)).toBe(false);
});
