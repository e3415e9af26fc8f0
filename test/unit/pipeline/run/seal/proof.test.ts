import { describe, expect, test } from '@jest/globals';
import { finalLayouts } from '../../../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../../../src/pipeline/item/attribute.ts';
import { type Counted, proveCounts } from '../../../../../src/pipeline/run/seal/proof.ts';
import { seenOf, write } from '../../load/part-files.ts';

const key = [{ name: 'id', kind: 'S' as const }];
const fitting: Item[] = [
  { id: { S: 'a' }, list: { L: [{ S: 'x' }, { L: [{ S: 'y' }] }] } },
  { id: { S: 'b' }, list: { L: [] } },
];
const odd: Item = { id: { S: 'c' }, list: { L: [{ S: 'z' }] }, more: { SS: ['1', '2'] } };
const rejected: Item = { id: { S: 'a\0' } };

const layouts = finalLayouts(seenOf(fitting, key), key);
const written = write([...fitting, odd, rejected], key, layouts);
const good: Counted = {
  items: 4,
  odd: 1,
  rejected: 1,
  rowsInFiles: written.rowsInFiles,
  seen: written.seen,
  oddRows: written.counts.odd,
};
const { oddRows: _, ...withoutOddRows } = good;
const prove = (counted: Counted) => () => proveCounts(counted, 'segment 3, checkpoint 2');

describe('counts that agree', () => {
  test('are proved, with and without the rows of odd items', () => {
    expect(Object.fromEntries(written.rowsInFiles)).toEqual({ '': 2, 'list[]': 2, 'list[][]': 1 });
    expect(prove(good)).not.toThrow();
    expect(prove(withoutOddRows)).not.toThrow();
  });

  test('are proved of items that a filter left out', () => {
    expect(prove({ ...good, items: 7, filtered: 3 })).not.toThrow();
  });

  test('are proved of nothing at all', () => {
    const nothing = { items: 0, odd: 0, rejected: 0, rowsInFiles: new Map(), seen: { tables: {} } };
    expect(prove(nothing)).not.toThrow();
  });
});

describe('counts that differ', () => {
  const files = (table: string, rows: number) => ({
    rowsInFiles: new Map([...good.rowsInFiles, [table, rows]]),
  });

  test.each<[string, Counted, RegExp]>([
    ['an item less than the pages counted', { ...good, items: 5 }, /root table: 5 .*but 4 /],
    ['a root row less', { ...good, ...files('', 1) }, /root table: 4 .*but 3 /],
    ['a rejected item less', { ...good, rejected: 0 }, /root table: 4 .*but 3 /],
    ['a filtered item more', { ...good, items: 5, filtered: 2 }, /root table: 5 .*but 6 /],
    ['a member less', { ...good, ...files('list[]', 1) }, /the table of list: 2 .*but 3 /],
    ['a member more', { ...good, ...files('list[][]', 2) }, /the table of list\[\]: 2 .*but 1 /],
    ['a member more, odd rows unknown', { ...withoutOddRows, ...files('list[]', 4) }, /of list: 4 .*only 3 /],
    ['rows of a table never seen', { ...good, ...files('other[]', 1) }, /the table of other: 1 .*but 0 /],
    ['no odd rows', { ...good, oddRows: new Map() }, /the table of list: 2 .*but 3 /],
  ])('%s: the error names the table and both figures', (_what, counted, message) => {
    expect(prove(counted)).toThrow(message);
    expect(prove(counted)).toThrow('segment 3, checkpoint 2');
  });

  test('a list longer than the rows seen of its members', () => {
    const seen = structuredClone(good.seen);
    seen.tables['list[]']!.rows--;
    expect(prove({ ...good, seen })).toThrow(/the table of list: 3 members of the list, but 2 rows seen/);
  });

  test('rows seen of members without any list', () => {
    const seen = structuredClone(good.seen);
    seen.tables['']!.counts = {};
    expect(prove({ ...good, seen })).toThrow(/0 members of the list, but 3 rows seen/);
  });
});
