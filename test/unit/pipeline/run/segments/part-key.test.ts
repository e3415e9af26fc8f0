import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tableFolder } from '../../../../../src/pipeline/run/segments/part-key.ts';

test('the folder of a table can be recognised', () => {
  expect(tableFolder('')).toBe('root');
  expect(tableFolder('prizes[].affiliations[]')).toMatch(/^prizes-affiliations-[0-9a-f]{8}$/);
  expect(tableFolder('日本[]')).toMatch(/^list-[0-9a-f]{8}$/);
});

test('a folder is safe in keys, and different tables have different ones', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const [x, y] = [tableFolder(`${a}[]`), tableFolder(`${b}[]`)];
      expect(x).toMatch(/^[a-z0-9_][a-z0-9_-]*-[0-9a-f]{8}$/);
      expect(x.length).toBeLessThanOrEqual(49);
      expect(x === y).toBe(a === b);
    }),
  );
  expect(tableFolder('root[]')).not.toBe('root');
  expect(tableFolder('Price[]')).not.toBe(tableFolder('price[]'));
});
