import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts, sampleLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { proveCounts } from '../../../../src/pipeline/run/proof.ts';
import { mergeSeen } from '../../../../src/pipeline/seen/seen.ts';
import { seenOf, write } from '../load/part-files.ts';
import { hostileItems, HOSTILE_KEY as key } from './hostile-items.ts';
import { plain, plainMap } from './plain.ts';
import { reassemble } from './reassemble.ts';

const keyOf = (item: Item) => JSON.stringify(key.map(({ name }) => plain(item[name] as AttributeValue)));
const expected = (items: readonly Item[]) => new Map(items.map((item) => [keyOf(item), plainMap(item)]));

test('items reassembled from their rows equal the items, except where documented', () => {
  fc.assert(
    fc.property(hostileItems, (items) => {
      const written = write(items, key, finalLayouts(seenOf(items, key), key));
      expect(written.odd).toEqual([]);
      expect(written.rejected).toEqual([]);
      expect(reassemble(written.files, key)).toEqual(expected(items));
    }),
    { numRuns: 600 },
  );
});

test('items that did not fit the layouts when they were read are complete once the seal has written them', () => {
  fc.assert(
    fc.property(hostileItems, fc.nat(8), (items, sampled) => {
      const layouts = sampleLayouts(seenOf(items.slice(0, sampled), key), key);
      const extracted = write(items, key, layouts);
      const { odd, rejected, rowsInFiles, counts, seen } = extracted;
      const counted = { items: items.length, odd: odd.length, rejected: rejected.length };
      proveCounts({ ...counted, rowsInFiles, seen, oddRows: counts.odd }, 'extraction');
      expect(seen).toEqual(seenOf(items, key));

      const sealed = write(odd, key, finalLayouts(seen, key));
      expect(sealed.odd).toEqual([]);
      expect(sealed.counts.written).toEqual(counts.odd);
      expect(reassemble([...extracted.files, ...sealed.files], key)).toEqual(expected(items));
    }),
    { numRuns: 400 },
  );
});

test('what was seen does not depend on the order of items or on how they were split', () => {
  fc.assert(
    fc.property(hostileItems, fc.nat(8), (items, at) => {
      const whole = JSON.stringify(seenOf(items, key));
      const split = mergeSeen(seenOf(items.slice(at), key), seenOf(items.slice(0, at), key));
      expect(JSON.stringify(split)).toBe(whole);
      expect(JSON.stringify(seenOf(items.toReversed(), key))).toBe(whole);
    }),
    { numRuns: 200 },
  );
});
