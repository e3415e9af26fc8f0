import { expect, test } from '@jest/globals';
import { itemSize } from '../../../../src/pipeline/estimate/item-size.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';

test.each<[string, Item, number]>([
  ['text counts its UTF-8 bytes, and so does the name', { ä: { S: '日本' } }, 2 + 6],
  ['a number has a byte per two digits, and one', { n: { N: '12345' } }, 1 + 3 + 1],
  ['a minus sign is another byte', { n: { N: '-12345' } }, 1 + 3 + 2],
  ['zeros at both ends do not count', { n: { N: '0.00120' } }, 1 + 1 + 1],
  ['nor does the exponent', { n: { N: '12E+100' } }, 1 + 1 + 1],
  ['zero', { n: { N: '0' } }, 1 + 1],
  ['binary counts its bytes, not its base64', { b: { B: 'AAECAw==' } }, 1 + 4],
  ['booleans and null are one byte', { a: { BOOL: true }, b: { NULL: true } }, 2 + 2],
  ['sets are the sum of their members', { s: { SS: ['a', 'bc'] }, n: { NS: ['1', '22'] } }, 2 + 3 + 4],
  ['sets of binary as well', { s: { BS: ['AAEC', 'AA=='] } }, 1 + 4],
  ['a list has three bytes, and one per member', { l: { L: [{ S: 'ab' }, { BOOL: false }] } }, 1 + 3 + 3 + 2],
  ['a map as well, and its names count', { m: { M: { k: { S: 'v' } } } }, 1 + 3 + 1 + 2],
  ['an empty map', { m: { M: {} } }, 1 + 3],
  ['an attribute that is called like a member of objects', { constructor: { S: 'x' } }, 11 + 1],
])('%s', (_, item, bytes) => {
  expect(itemSize(item)).toBe(bytes);
});
