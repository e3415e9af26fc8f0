import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeValue, Item } from '../../../src/pipeline/attribute.ts';
import { finalLayouts, sampleLayouts } from '../../../src/pipeline/layout-growth.ts';
import { numberText } from '../../../src/pipeline/number.ts';
import { proveCounts } from '../../../src/pipeline/proof.ts';
import { mergeSeen } from '../../../src/pipeline/seen.ts';
import { hostileItems, HOSTILE_KEY as key } from './hostile-items.ts';
import { seenOf, write } from './part-files.ts';
import { type Plain, reassemble } from './reassemble.ts';

/** What the tables are to say of a value; undefined for what leaves no trace. */
function plain(value: AttributeValue): Plain | undefined {
  if ('S' in value) return value.S;
  if ('N' in value) return numberText(value.N).text;
  if ('B' in value) return Buffer.from(value.B, 'base64').toString('hex');
  if ('BOOL' in value) return String(value.BOOL);
  if ('NULL' in value) return undefined;
  if ('L' in value) return value.L.map((member) => plain(member) ?? null);
  if ('SS' in value) return [...value.SS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if ('NS' in value) return [...value.NS].sort((a, b) => Number(a) - Number(b));
  if ('BS' in value) return value.BS.map((B) => Buffer.from(B, 'base64').toString('hex')).sort();
  return plainMap(value.M);
}

function plainMap(attributes: Item): Plain | undefined {
  const map = new Map<string, Plain>();
  for (const [name, value] of Object.entries(attributes)) {
    const content = plain(value);
    if (content !== undefined) map.set(name, content);
  }
  return map.size === 0 ? undefined : map;
}

const keyOf = (item: Item) => JSON.stringify(key.map(({ name }) => plain(item[name] as AttributeValue)));
const expected = (items: readonly Item[]) => new Map(items.map((item) => [keyOf(item), plainMap(item)]));

test('items put together from their rows are the items, but for what is documented', () => {
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

test('items that did not fit the layouts of their time are whole once the seal has written them', () => {
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
