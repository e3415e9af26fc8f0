import { expect, test } from '@jest/globals';
import { itemSize } from '../../../bench/speed/item-size.ts';
import type { AttributeValue } from '../../../src/pipeline/item/attribute.ts';

const cases: readonly (readonly [value: AttributeValue, bytes: number])[] = [
  [{ S: 'é' }, 2],
  [{ N: '123' }, 3],
  [{ N: '-12.50' }, 4],
  [{ N: '0' }, 1],
  [{ BOOL: true }, 1],
  [{ NULL: true }, 1],
  [{ B: 'AAECAw==' }, 4],
  [{ L: [{ S: 'ab' }, { S: 'c' }] }, 3 + 2 + 3],
  [{ M: { x: { S: 'ab' } } }, 3 + 1 + 1 + 2],
  [{ SS: ['ab', 'c'] }, 3],
  [{ NS: ['1', '22'] }, 4],
  [{ BS: ['AAE='] }, 2],
];

test.each(cases)('%j counts %i bytes, and its name as well', (value, bytes) => {
  expect(itemSize({ name: value })).toBe(4 + bytes);
});
