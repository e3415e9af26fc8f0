import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isStoredForm, itemBytes, sameContent, storedNumber } from '../../../../local/dynamodb/item.ts';
import { hashOf, keyText } from '../../../../local/dynamodb/item-key.ts';

describe('the stored form of a number', () => {
  test.each([
    ['1', '1'],
    ['1.0', '1'],
    ['-0', '0'],
    ['0.00', '0'],
    ['+5', '5'],
    ['007', '7'],
    ['1e3', '1000'],
    ['1E-3', '0.001'],
    ['-12.3400e1', '-123.4'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['100', '100'],
    ['0.00120', '0.0012'],
    ['1.5E-40', `0.${'0'.repeat(39)}15`],
  ])('of %s is %s', (sent, stored) => {
    expect(storedNumber(sent)).toBe(stored);
  });

  test('has the same value, and is its own stored form', () => {
    const digits = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    fc.assert(
      fc.property(digits, fc.integer({ min: -20, max: 20 }), (mantissa, exponent) => {
        const stored = storedNumber(`${mantissa}e${exponent}`);
        expect(Number(stored)).toBe(Number(`${mantissa}e${exponent}`) + 0);
        expect(storedNumber(stored)).toBe(stored);
        expect(stored).not.toMatch(/e|\.\d*0$/i);
      }),
    );
  });
});

test('an item is stored as sent if its numbers are in their stored form, and it has no sets', () => {
  expect(isStoredForm({ M: { a: { L: [{ N: '1.5' }, { S: '1e3' }] } } })).toBe(true);
  expect(isStoredForm({ M: { a: { L: [{ N: '1.50' }] } } })).toBe(false);
  expect(isStoredForm({ SS: ['a'] })).toBe(false);
});

describe('the content of two items is the same', () => {
  test('whatever the order of attributes and sets', () => {
    expect(
      sameContent({ a: { SS: ['x', 'y'] }, b: { N: '1' } }, { b: { N: '1' }, a: { SS: ['y', 'x'] } }),
    ).toBe(true);
  });

  test.each([
    [{ a: { S: '1' } }, { a: { N: '1' } }],
    [{ a: { L: [{ S: 'x' }, { S: 'y' }] } }, { a: { L: [{ S: 'y' }, { S: 'x' }] } }],
    [{ a: { S: 'x' } }, { a: { S: 'x' }, b: { NULL: true } }],
    [{ a: { NS: ['1', '2'] } }, { a: { NS: ['1', '3'] } }],
    [{ a: { S: 'x' } }, undefined],
  ])('but not of %j and %j', (left, right) => {
    expect(sameContent(left, right)).toBe(false);
  });
});

test('the size of an item follows DynamoDB’s rules', () => {
  expect(itemBytes({ id: { S: 'é' }, n: { N: '-12.5' }, b: { B: 'AAE=' }, ok: { BOOL: true } })).toBe(
    2 + 2 + (1 + 4) + (1 + 2) + (2 + 1),
  );
  expect(itemBytes({ m: { M: { a: { S: 'x' } } }, l: { L: [{ NULL: true }] } })).toBe(1 + 3 + 3 + 1 + 3 + 2);
});

describe('the text of a key', () => {
  test('is one for all ways to write a number, and another one for another kind', () => {
    expect(keyText(['id'], { id: { N: '1.0' } })).toBe(keyText(['id'], { id: { N: '1' } }));
    expect(keyText(['id'], { id: { S: '1' } })).not.toBe(keyText(['id'], { id: { N: '1' } }));
  });

  test('is absent for what is no key', () => {
    expect(keyText(['id'], { other: { S: 'x' } })).toBeUndefined();
    expect(keyText(['id'], { id: { BOOL: true } })).toBeUndefined();
    expect(keyText(['id'], undefined)).toBeUndefined();
  });

  test('decides the partition by the partition key alone', () => {
    const at = (id: string, sort: string) => hashOf(['id', 'sort'], { id: { S: id }, sort: { S: sort } });
    expect(at('a', '1')).toBe(at('a', '2'));
    expect(at('a', '1')).not.toBe(at('b', '1'));
  });
});
