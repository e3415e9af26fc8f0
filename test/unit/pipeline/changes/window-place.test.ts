import { expect, test } from '@jest/globals';
import { windowPlaceOf, windowPlaceText } from '../../../../src/pipeline/changes/window-place.ts';

test('a place in a window is one text, and read back', () => {
  const place = { nth: 2, file: 0, byte: 52_341, items: 120 };
  expect(windowPlaceText(place)).toBe('2/0/52341/120');
  expect(windowPlaceOf('2/0/52341/120')).toEqual(place);
  for (const text of [
    '',
    '0/0/0/0',
    '1/0/0',
    '1/0/-1/0',
    '49590338271490256608559692538361571095921575989136588898',
  ])
    expect(() => windowPlaceOf(text)).toThrow('is not a place in a window');
});
