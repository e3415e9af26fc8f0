import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeValue } from '../../../../src/pipeline/item/attribute.ts';
import { superJson } from '../../../../src/pipeline/item/whole-value.ts';
import { hostileValue } from '../mapping/hostile-items.ts';
import { plain, plainJson } from '../mapping/plain.ts';

test.each<[string, AttributeValue, string]>([
  ['a text', { S: 'a "b" \\ \n' }, '"a \\"b\\" \\\\ \\n"'],
  ['an empty text', { S: '' }, '""'],
  ['a text of 65,535 bytes', { S: 'x'.repeat(65_535) }, `"${'x'.repeat(65_535)}"`],
  ['a number of 15 digits', { N: '-123456789.012345' }, '-123456789.012345'],
  ['a number that is written otherwise', { N: '1.50E2' }, '150'],
  ['true', { BOOL: true }, 'true'],
  ['NULL', { NULL: true }, 'null'],
  ['an empty map and list', { L: [{ M: {} }, { L: [] }] }, '[{},[]]'],
  ['a map', { M: { b: { N: '1' }, 'a.b': { S: 'x' } } }, '{"b":1,"a.b":"x"}'],
])('%s is JSON', (_, value, json) => {
  expect(superJson(value)).toBe(json);
});

test.each<[string, AttributeValue]>([
  ['binary', { B: 'AA==' }],
  ['a set', { L: [{ SS: ['a'] }] }],
  ['a number of 16 digits', { N: '1234567890.123456' }],
  ['a number with an exponent', { N: '1E-130' }],
  ['a text over 65,535 bytes', { S: 'é'.repeat(32_768) }],
  ['a text with U+0000', { M: { a: { S: 'a\0' } } }],
  ['a name with U+0000', { M: { 'a\0': { N: '1' } } }],
  ['half of a surrogate pair', { S: '\ud800' }],
])('%s is not kept exactly by JSON', (_, value) => {
  expect(superJson(value)).toBeUndefined();
});

test('if a value has JSON, the JSON equals the value', () => {
  fc.assert(
    fc.property(hostileValue, (value) => {
      const json = superJson(value);
      fc.pre(json !== undefined);
      expect(plainJson(JSON.parse(json as string))).toEqual(plain(value));
    }),
    { numRuns: 300 },
  );
});
