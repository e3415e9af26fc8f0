import { expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { CutWriter } from '../../../src/store/cut-writer.ts';
import { seenOf } from '../pipeline/load/part-files.ts';

test.each([
  ['transcoded', (item: Item) => item],
  // A name with an escape: the item is parsed.
  ['shredded', (item: Item) => ({ ...item, '\\': { NULL: true } }) as Item],
])('rows of several tables crowd memory together, before the page ends: %s', async (_how, changed) => {
  const key: Key = [{ name: 'id', kind: 'S' }];
  const list = { L: Array.from({ length: 2500 }, () => ({ S: 'x'.repeat(1000) })) };
  const item = (id: string): Item => changed({ id: { S: id }, a: list, b: list, c: list, d: list });
  const writer = new CutWriter({
    store: {} as ObjectStore,
    ref: { bucket: 'b', prefix: 'p', pipeline: 'p', run: 'r' },
    writer: { segment: 0, cut: 1, attempt: 'a' },
    key,
    layouts: finalLayouts(seenOf([item('a')], key), key),
    mapping: NO_MAPPING,
    compression: 'zstd',
    nullText: NULL_TEXT,
  });
  const body = Buffer.from([item('a'), item('b')].map((one) => JSON.stringify(one)).join(','), 'utf8');
  const page = { body, start: 0, end: body.length };
  const first = writer.writeBytes(page, 0);
  expect(first.items).toBe(1);
  expect(writer.isCrowded).toBe(true);
  await writer.drain();
  expect(writer.isCrowded).toBe(false);
  expect(writer.writeBytes(page, first.next)).toEqual({ items: 1, next: page.end });
  writer.discard();
});
