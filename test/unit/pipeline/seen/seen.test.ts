import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  emptySeen,
  mergeSeen,
  type ScalarSeen,
  Seen,
  shapeOf,
  tableSeen,
} from '../../../../src/pipeline/seen/seen.ts';
import { seenOf } from '../load/part-files.ts';
import { HOSTILE_KEY, hostileItems } from '../mapping/hostile-items.ts';

const seen = hostileItems.map((items) => seenOf(items, HOSTILE_KEY));
const text = (s: Seen) => JSON.stringify(s);

describe('what was seen', () => {
  test('merges to exactly the same whatever the order and the grouping', () => {
    fc.assert(
      fc.property(seen, seen, seen, (a, b, c) => {
        expect(text(mergeSeen(a, b))).toBe(text(mergeSeen(b, a)));
        expect(text(mergeSeen(mergeSeen(a, b), c))).toBe(text(mergeSeen(a, mergeSeen(b, c))));
        expect(text(mergeSeen(a, emptySeen()))).toBe(text(a));
      }),
    );
  });

  test('has a shape that merging twice does not change, while counts add', () => {
    fc.assert(
      fc.property(seen, seen, (a, b) => {
        const merged = mergeSeen(a, b);
        expect(text(shapeOf(mergeSeen(merged, a)))).toBe(text(shapeOf(merged)));
        expect(tableSeen(merged, '').rows).toBe(tableSeen(a, '').rows + tableSeen(b, '').rows);
      }),
    );
  });

  test('does not change what was merged into it', () => {
    fc.assert(
      fc.property(seen, seen, (a, b) => {
        const before = text(a) + text(b);
        mergeSeen(a, b);
        expect(text(a) + text(b)).toBe(before);
      }),
    );
  });

  test('survives JSON unchanged', () => {
    fc.assert(fc.property(seen, (a) => expect(Seen.parse(JSON.parse(text(a)))).toEqual(a)));
  });
});

test('kinds and forms join, lengths are the longest, values and bytes add', () => {
  const scalar = (part: Partial<ScalarSeen>): Seen => ({
    tables: {
      '': {
        rows: 1,
        scalars: {
          constructor: {
            kinds: [],
            textForms: [],
            maxBytes: 0,
            maxIntegerDigits: 0,
            maxScale: 0,
            allInt64: true,
            hasExponent: false,
            values: 1,
            textBytes: 3,
            ...part,
          },
        },
        bytes: {},
        counts: {},
      },
    },
  });
  const a = scalar({ kinds: ['N'], maxIntegerDigits: 3, maxBytes: 3 });
  const b = scalar({ kinds: ['S'], textForms: ['date'], maxBytes: 10, textBytes: 10 });
  const c = scalar({ kinds: ['N'], maxScale: 2, allInt64: false, hasExponent: true });
  expect(mergeSeen(mergeSeen(c, b), a).tables['']).toEqual({
    rows: 3,
    scalars: {
      constructor: {
        kinds: ['S', 'N'],
        textForms: ['date'],
        maxBytes: 10,
        maxIntegerDigits: 3,
        maxScale: 2,
        allInt64: false,
        hasExponent: true,
        values: 3,
        textBytes: 16,
      },
    },
    bytes: {},
    counts: {},
  });
});

test('a table that was not seen has no rows, whatever its name', () => {
  expect(tableSeen(emptySeen(), 'constructor').rows).toBe(0);
});
