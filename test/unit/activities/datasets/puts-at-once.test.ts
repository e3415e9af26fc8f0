import { expect, test } from '@jest/globals';
import { putsAtOnce } from '../../../../src/activities/datasets/derived/publish-texts.ts';

test('text files that are put at once fit into memory together', () => {
  const mebibyte = 1024 ** 2;
  expect(putsAtOnce([])).toBe(24);
  expect(putsAtOnce([{ bytes: 10 }, { bytes: mebibyte }])).toBe(24);
  expect(putsAtOnce([{ bytes: 100 * mebibyte }, { bytes: 1 }])).toBe(2);
  expect(putsAtOnce([{ bytes: 1024 * mebibyte }])).toBe(1);
});
