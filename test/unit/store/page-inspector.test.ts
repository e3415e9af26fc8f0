import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScanPage } from '../../../src/clients/table-source.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { type Mapping, NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../src/pipeline/mapping/shred.ts';
import { PageInspector } from '../../../src/store/page-inspector.ts';
import { items as anyItems, mappings } from '../pipeline/mapping/any-mapping.ts';
import { alikeItems, HOSTILE_KEY as key } from '../pipeline/mapping/hostile-items.ts';

function pageOf(items: readonly Item[]): ScanPage {
  const body = Buffer.from(items.map((item) => JSON.stringify(item)).join(','), 'utf8');
  const bytes = { body, start: 0, end: body.length };
  return { items, bytes, count: items.length, next: undefined, readUnits: 0 };
}

function shredded(items: readonly Item[], mapping: Mapping) {
  const shredder = createShredder({ key, layouts: [], mapping });
  const rejects = items.filter((item) => shredder.shred(item).kind === 'rejected').length;
  return { seen: shredder.takeSeen(), rejects };
}

function inspected(pages: readonly (readonly Item[])[], mapping: Mapping) {
  const looked: Item[] = [];
  const inspector = new PageInspector(key, mapping, (item) => looked.push(item));
  for (const items of pages) inspector.take(pageOf(items));
  return { seen: inspector.takeSeen(), rejects: inspector.rejects, looked: looked.length };
}

test('pages are seen as the shredder sees their items, one by one', () => {
  fc.assert(
    fc.property(alikeItems, alikeItems, (first, second) => {
      const { looked: _, ...actual } = inspected([first, second, second], NO_MAPPING);
      expect(actual).toEqual(shredded([...first, ...second, ...second], NO_MAPPING));
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(anyItems, anyItems, mappings, (first, second, mapping) => {
      const { looked: _, ...actual } = inspected([first, second], mapping);
      expect(actual).toEqual(shredded([...first, ...second], mapping));
    }),
    { numRuns: 300 },
  );
});

test('after the first page, only items with something new are parsed', () => {
  const plain = (id: string): Item => ({ 'p.k': { S: id }, sk: { N: '1' }, a: { S: 'x' } });
  const other: Item = { ...plain('c'), b: { S: 'y' } };
  expect(inspected([[plain('a')], [plain('b'), other], [plain('d')]], NO_MAPPING).looked).toBe(2);
});
