import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fieldsOf } from '../../../../src/pipeline/columns/layout.ts';
import { finalLayouts, sampleLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../../src/pipeline/item/csv.ts';
import { NO_MAPPING } from '../../../../src/pipeline/mapping/mapping.ts';
import { proveCounts } from '../../../../src/pipeline/run/seal/proof.ts';
import { mergeSeen } from '../../../../src/pipeline/seen/seen.ts';
import { seenOf, write } from '../load/part-files.ts';
import { hostileItems, HOSTILE_KEY as key } from './hostile-items.ts';
import { plain, plainMap } from './plain.ts';
import { readCsv } from './read-csv.ts';
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

test('items reassembled from rows in several layouts of a table equal the items, and each row is in the narrowest', () => {
  fc.assert(
    fc.property(hostileItems, fc.array(fc.boolean(), { minLength: 1 }), (items, chosen) => {
      const layouts = finalLayouts(seenOf(items, key), key);
      const shapes = layouts.flatMap(({ table, columns }) => [
        { table, columns: [] },
        { table, columns: columns.filter((_, i) => chosen[i % chosen.length]) },
      ]);
      const { files, odd } = write(items, key, layouts, NO_MAPPING, shapes);
      expect(odd).toEqual([]);
      expect(reassemble(files, key)).toEqual(expected(items));
      // A row with nothing but its key is in the layout without columns.
      const others = files.filter(({ layout }) => layout.columns.length > 0);
      const onlyKeys = others.flatMap(({ layout, text }) => {
        const leading = fieldsOf({ ...layout, columns: [] }, key).length;
        return readCsv(text, NULL_TEXT).filter((row) => row.slice(leading).every((cell) => cell === null));
      });
      expect(onlyKeys).toEqual([]);
    }),
    { numRuns: 300 },
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
