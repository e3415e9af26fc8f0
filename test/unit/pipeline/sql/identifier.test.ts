import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  byteLength,
  giveName,
  legalName,
  quoteComment,
  quoteIdentifier,
  quoteLiteral,
} from '../../../../src/pipeline/sql/identifier.ts';

describe('a legal name', () => {
  test.each([
    ['Price', 'price'],
    ['birth date', 'birth_date'],
    ['a.b-c', 'a_b_c'],
    ['1st', '_1st'],
    ['٣x', '_٣x'],
    ['', '_'],
    ['!!', '__'],
    ['Straße', 'straße'],
    ['ÅNGSTRÖM', 'ångström'],
    ['名前', '名前'],
    ['😀', '_'],
    ['\ud800', '_'],
    ['__proto__', '__proto__'],
    ['"; DROP TABLE x; --', '___drop_table_x____'],
  ])('of %j is %j', (name, legal) => {
    expect(legalName(name, 'lower')).toBe(legal);
  });

  test('is truncated at 127 bytes, between characters', () => {
    expect(legalName('x'.repeat(200), 'lower')).toBe('x'.repeat(127));
    expect(legalName('é'.repeat(100), 'lower')).toBe('é'.repeat(63));
    expect(legalName(`x${'𝒳'.repeat(40)}`, 'lower')).toBe(`x${'𝒳'.repeat(31)}`);
  });

  test("is legal whatever the attribute's name", () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', 'B', '1', '_', ' ', 'É', '\u0301', '\u20e3', 'न', '🚀') }),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('lower', 'snake_case'), (name, naming) => {
        const legal = legalName(name, naming);
        expect(legal).toMatch(/^[\p{L}_][\p{L}\p{M}\p{Nd}_]*$/u);
        expect(legal).toBe(legal.toLowerCase());
        expect(byteLength(legal)).toBeLessThanOrEqual(127);
        expect(quoteIdentifier(legal)).toBe(`"${legal}"`);
      }),
    );
  });
});

describe('a name given', () => {
  test('is the wanted one if it is free, else has a hash of what it names', () => {
    const taken = new Set(['price']);
    expect(giveName('cost', 'a', taken)).toBe('cost');
    const second = giveName('price', 'scalar:Price', taken);
    expect(second).toMatch(/^price_[0-9a-f]{8}$/);
    expect(giveName('price', 'scalar:Price', new Set(['price', 'x']))).toBe(second);
    expect(giveName('price', 'scalar:PRICE', new Set(['price']))).not.toBe(second);
  });

  test('is free and short even if its hash is taken', () => {
    const taken = new Set(['price']);
    const first = giveName('price', 'same', taken);
    const second = giveName('price', 'same', taken);
    expect(second).not.toBe(first);
    expect(taken).toEqual(new Set(['price', first, second]));
  });
});

describe('quoting', () => {
  test('doubles quotes', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteLiteral("it's")).toBe("'it''s'");
  });

  test.each(['', 'x'.repeat(128), 'é'.repeat(64), 'a\0b'])('refuses the identifier %j', (name) => {
    expect(() => quoteIdentifier(name)).toThrow('not a Redshift identifier');
  });

  test('refuses a text that Redshift and PostgreSQL would read differently', () => {
    expect(() => quoteLiteral('a\\b')).toThrow('backslash');
    expect(() => quoteLiteral('a\0b')).toThrow('NUL');
  });

  test('keeps a comment inside its quotes, whether or not a backslash is an escape', () => {
    expect(quoteComment("\\'; DROP TABLE x; --")).toBe("'\\\\''; DROP TABLE x; --'");
  });
});
