import { describe, expect, test } from '@jest/globals';
import { sampleLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import { itemText } from '../../../src/pipeline/item/item-text.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../src/pipeline/mapping/shred.ts';
import { agree } from '../../../src/pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../../src/pipeline/schema/agreed-schema.ts';
import { becauseOf, type Cause, withCauses } from '../../../src/pipeline/schema/cause.ts';
import { diffLines, driftOf } from '../../../src/pipeline/schema/drift.ts';
import { CauseWatch } from '../../../src/store/cause-watch.ts';

const key: Key = [
  { name: 'pk', kind: 'S' },
  { name: 'sk', kind: 'N' },
];
const item = (n: number, attributes: Record<string, AttributeValue>): Item =>
  ({ pk: { S: `CUSTOMER#${n}` }, sk: { N: '7' }, ...attributes }) as Item;

function agreed(before: AgreedSchema | undefined, run: number, items: readonly Item[], mapping = {}) {
  const by = Mapping.parse(mapping);
  const shredder = createShredder({ key, layouts: [], mapping: by });
  for (const each of items) shredder.shred(each);
  const at = new Date(Date.UTC(2026, 10, run)).toISOString();
  const seen = shredder.takeSeen();
  return agree(
    before,
    {
      ...{ pipeline: 'p', by: `r${run}`, at, whole: true, tableName: 'customers', key, seen },
      ...{ layouts: [], mapping: by },
    },
    Date.parse(at),
  );
}

/** The causes that a watch finds in these pages, and the number of pages it parsed. */
function watched(schema: AgreedSchema, pages: readonly (readonly Item[])[], mapping = {}) {
  const by = Mapping.parse(mapping);
  const watch = new CauseWatch(schema, key, by);
  const shredder = createShredder({ key, mapping: by, layouts: sampleLayouts(schema.seen, key) });
  let parsed = 0;
  for (const page of pages) {
    for (const each of page) shredder.shred(each);
    watch.page(shredder.trees, () => {
      parsed++;
      return page;
    });
  }
  return { causes: watch.take(), parsed };
}

const shown = (causes: readonly Cause[]) => (attributes: Item) =>
  causes.length === 0 ? undefined : itemText(key, attributes, true);

const usual = [
  item(1, { points: { N: '1' }, note: { S: 'short' }, lines: { L: [{ M: { price: { N: '1' } } }] } }),
];
const first = agreed(undefined, 1, usual);

describe('the items that change the agreed schema', () => {
  test('are named with each change', () => {
    const page = [
      ...usual,
      item(2, { points: { N: '2' } }),
      item(3, { points: { S: '12' } }),
      item(4, { points: { S: 'gold' }, note: { S: 'much longer than before' } }),
      item(5, { lines: { L: [{ M: { price: { N: '1.5' } } }] }, tags: { SS: ['a'] } }),
      item(6, { tags: { SS: ['b'] }, vip: { BOOL: true } }),
    ];
    const { causes } = watched(first, [page]);
    const next = agreed(first, 2, page);
    const drift = withCauses(driftOf(next, 'r2'), next, becauseOf(causes, shown(causes)));
    expect(diffLines(drift)).toEqual([
      'new table customers__tags (tags[]) because of pk=CUSTOMER#5, sk=7',
      'new column customers.tags__count INTEGER (tags) because of pk=CUSTOMER#5, sk=7',
      'new column customers.vip BOOLEAN (vip) because of pk=CUSTOMER#6, sk=7',
      'new column customers__tags.value VARCHAR(16) (tags[]) because of pk=CUSTOMER#5, sk=7',
      'customers.note: VARCHAR(16) → VARCHAR(64) because of pk=CUSTOMER#4, sk=7',
      'customers__lines.price: BIGINT → DECIMAL(38,1) because of pk=CUSTOMER#5, sk=7',
      'customers.points: BIGINT → VARCHAR(16) because of pk=CUSTOMER#3, sk=7',
    ]);
  });

  test('are looked for only in pages that show something new', () => {
    const late = [item(9, { points: { S: 'x' } })];
    const pages = [usual, usual, late, usual, late];
    const { causes, parsed } = watched(first, pages);
    expect(parsed).toBe(1);
    expect(causes).toEqual([
      { table: '', path: 'points', form: 'scalar', key: { pk: { S: 'CUSTOMER#9' }, sk: { N: '7' } } },
    ]);
    expect(watched(first, [usual, usual]).parsed).toBe(0);
  });

  test('include one whose key is of another size, and none that the mapping settles', () => {
    const long = { pk: { S: 'x'.repeat(40) }, sk: { N: '1' } } as Item;
    expect(watched(first, [[long]]).causes).toMatchObject([{ table: '', path: 'pk' }]);
    const mapping = { columns: { points: { type: 'VARCHAR(64)' }, odd: { ignore: true } } };
    expect(watched(first, [[item(2, { points: { S: 'x' }, odd: { S: 'x' } })]], mapping).causes).toEqual([]);
  });

  test('have no text if keys must not be shown', () => {
    expect(itemText(key, item(1, {}), false)).toBeUndefined();
    expect(itemText(key, { pk: { S: 'x'.repeat(100) }, sk: { N: '1' } } as Item, true)).toBe(
      `pk=${'x'.repeat(80)}…, sk=1`,
    );
  });
});

test('numbers that the mapping makes times of change the schema once', () => {
  const times = { columns: { points: { epoch: 's' } } };
  const change = watched(first, [usual], times);
  expect(change.causes).toMatchObject([{ path: 'points', key: { pk: { S: 'CUSTOMER#1' } } }]);
  const second = agreed(first, 2, usual, times);
  expect(watched(second, [usual], times)).toEqual({ causes: [], parsed: 0 });
});
