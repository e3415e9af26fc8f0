import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesType,
  columnType,
  emptyKeyType,
  type RedshiftType,
  typeSql,
} from '../../../../src/pipeline/columns/redshift-type.ts';
import { mergeSeen, type ScalarSeen } from '../../../../src/pipeline/seen/seen.ts';

const nothing: ScalarSeen = {
  kinds: [],
  textForms: [],
  maxBytes: 0,
  maxIntegerDigits: 0,
  maxScale: 0,
  allInt64: true,
  hasExponent: false,
  values: 1,
  textBytes: 0,
};
const seen = (some: Partial<ScalarSeen>): ScalarSeen => ({ ...nothing, ...some });
const number = (maxIntegerDigits: number, maxScale: number, some: Partial<ScalarSeen> = {}) =>
  seen({ kinds: ['N'], maxIntegerDigits, maxScale, allInt64: false, maxBytes: 10, ...some });
const text = (maxBytes: number, ...textForms: ScalarSeen['textForms'][number][]) =>
  seen({ kinds: ['S'], textForms, maxBytes });
const sql = (s: ScalarSeen, role: 'key' | 'value' = 'value') => typeSql(columnType(s, role));

describe('the type of a column', () => {
  test.each<[string, ScalarSeen, string]>([
    ['booleans', seen({ kinds: ['BOOL'], maxBytes: 5 }), 'BOOLEAN'],
    ['integers of 64 bits', seen({ kinds: ['N'], maxIntegerDigits: 19, maxBytes: 20 }), 'BIGINT'],
    ['integers past 64 bits', number(19, 0), 'DECIMAL(38,0)'],
    ['prices', number(6, 2), 'DECIMAL(18,2)'],
    ['15 digits, with three to spare', number(13, 2), 'DECIMAL(18,2)'],
    ['16 digits, never 19', number(14, 2), 'DECIMAL(38,2)'],
    ['38 digits', number(1, 37), 'DECIMAL(38,37)'],
    ['a scale of 38', number(0, 38, { maxBytes: 40 }), 'VARCHAR(64)'],
    ['numbers whose digits pass 38 together', number(30, 10, { maxBytes: 31 }), 'VARCHAR(64)'],
    ['a number with its exponent', number(3, 0, { hasExponent: true, maxBytes: 44 }), 'VARCHAR(128)'],
    ['days', text(10, 'date'), 'DATE'],
    ['times', text(24, 'timestamp'), 'TIMESTAMPTZ'],
    ['days and times', text(24, 'date', 'timestamp'), 'VARCHAR(64)'],
    ['days and one text', text(10, 'date', 'other'), 'VARCHAR(16)'],
    ['empty strings', text(0, 'other'), 'VARCHAR(16)'],
    ['strings of 10 bytes', text(10, 'other'), 'VARCHAR(16)'],
    ['strings of 11 bytes', text(11, 'other'), 'VARCHAR(32)'],
    ['the longest strings', text(65_535, 'other'), 'VARCHAR(65535)'],
    ['binary of 8 bytes, seen as 16 digits', seen({ kinds: ['B'], maxBytes: 16 }), 'VARBYTE(16)'],
    ['numbers and strings', seen({ kinds: ['S', 'N'], textForms: ['date'], maxBytes: 12 }), 'VARCHAR(32)'],
    ['nothing but NULL', nothing, 'VARCHAR(16)'],
  ])('for %s', (_, s, expected) => {
    expect(sql(s)).toBe(expected);
  });

  test('is never a date or a time for a key', () => {
    expect(sql(text(24, 'timestamp'), 'key')).toBe('VARCHAR(64)');
    expect(sql(text(10, 'date'), 'key')).toBe('VARCHAR(16)');
  });

  test('holds the bytes of a whole item', () => {
    expect(typeSql(bytesType({ maxBytes: 409_600, values: 1 }))).toBe('VARBYTE(1024000)');
    expect(typeSql(bytesType({ maxBytes: 65_536, values: 1 }))).toBe('VARBYTE(131072)');
  });

  test('is the narrowest for its kind if nothing was seen of a key', () => {
    expect((['S', 'N', 'B'] as const).map((kind) => typeSql(emptyKeyType(kind)))).toEqual([
      'VARCHAR(256)',
      'BIGINT',
      'VARBYTE(256)',
    ]);
  });
});

describe('a type', () => {
  const scalar: fc.Arbitrary<ScalarSeen> = fc.oneof(
    fc
      .record({
        digits: fc.integer({ min: 0, max: 38 }),
        scale: fc.integer({ min: 0, max: 38 }),
        exponent: fc.boolean(),
        int64: fc.boolean(),
      })
      .map(({ digits, scale, exponent, int64 }) => {
        const maxIntegerDigits = int64 ? Math.min(digits, 19) : Math.min(digits, 38 - scale);
        const maxScale = int64 ? 0 : scale;
        return seen({
          kinds: ['N'],
          allInt64: int64,
          hasExponent: exponent && !int64,
          maxIntegerDigits,
          maxScale,
          maxBytes: maxIntegerDigits + maxScale + 2,
        });
      }),
    fc
      .record({
        bytes: fc.integer({ min: 20, max: 65_535 }),
        form: fc.constantFrom('date', 'timestamp', 'other'),
      })
      .map(({ bytes, form }) => text(form === 'date' ? 10 : form === 'timestamp' ? 24 : bytes, form)),
    fc.constant(seen({ kinds: ['BOOL'], maxBytes: 5 })),
    fc.integer({ min: 0, max: 32_767 }).map((bytes) => seen({ kinds: ['B'], maxBytes: bytes * 2 })),
  );
  const merged = (a: ScalarSeen, b: ScalarSeen) =>
    mergeSeen(
      { tables: { '': { rows: 1, scalars: { x: a }, bytes: {}, counts: {} } } },
      { tables: { '': { rows: 1, scalars: { x: b }, bytes: {}, counts: {} } } },
    ).tables['']?.scalars.x as ScalarSeen;
  /** Whether every value behind `s` fits the type, by the type's own limits. */
  const holds = (type: RedshiftType, s: ScalarSeen): boolean => {
    const only = (kind: ScalarSeen['kinds'][number]) => s.kinds.length === 1 && s.kinds[0] === kind;
    switch (type.type) {
      case 'VARCHAR':
        return s.maxBytes <= type.bytes;
      case 'VARBYTE':
        return only('B') && s.maxBytes <= type.bytes * 2;
      case 'BOOLEAN':
        return only('BOOL');
      case 'SUPER':
        return only('JSON');
      case 'DATE':
        return only('S') && s.textForms.every((form) => form === 'date');
      case 'TIMESTAMPTZ':
        return only('S') && s.textForms.every((form) => form === 'timestamp');
      case 'INTEGER':
        return false;
      case 'BIGINT':
        return only('N') && s.allInt64;
      case 'DECIMAL':
        return (
          only('N') &&
          !s.hasExponent &&
          type.scale >= s.maxScale &&
          type.precision - type.scale >= s.maxIntegerDigits &&
          [18, 38].includes(type.precision) &&
          type.scale <= 37
        );
    }
  };

  test('holds all that was seen, and still does when more is seen', () => {
    fc.assert(
      fc.property(scalar, scalar, fc.constantFrom('key' as const, 'value' as const), (a, b, role) => {
        expect(holds(columnType(a, role), a)).toBe(true);
        const both = columnType(merged(a, b), role);
        expect(holds(both, a)).toBe(true);
        expect(holds(both, b)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('never goes from text back to something narrower, nor to a shorter text', () => {
    const textBytes = (type: RedshiftType) => (type.type === 'VARCHAR' ? type.bytes : -1);
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const before = columnType(a, 'value');
        const after = columnType(merged(a, b), 'value');
        expect(textBytes(after)).toBeGreaterThanOrEqual(textBytes(before));
      }),
      { numRuns: 1000 },
    );
  });
});
