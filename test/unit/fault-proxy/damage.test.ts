import { crc32 } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { damageBytes, damageJson } from '../../../local/fault-proxy/damage.ts';

const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Its names, without any values. */
const names = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(names)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, names(member)]))
      : typeof value;

test('a damaged document is JSON with the same length and names, and only its checksum reveals the damage', () => {
  fc.assert(
    fc.property(fc.jsonValue(), where, (value, at) => {
      const body = Buffer.from(JSON.stringify({ text: 'a "quoted" A1\u0007', value }));
      const damaged = damageJson(body, at);
      expect(damaged).toHaveLength(body.length);
      expect(crc32(damaged)).not.toBe(crc32(body));
      expect(names(JSON.parse(damaged.toString()))).toEqual(names(JSON.parse(body.toString())));
    }),
  );
});

test('a document without a text to change stays as it is', () => {
  expect(damageJson(Buffer.from('{"Count":3}'), 0.5).toString()).toBe('{"Count":3}');
});

test('bytes of unknown format differ in one byte', () => {
  expect(damageBytes(Buffer.from('abc'), 0.5).toString()).toBe('acc');
  expect(damageBytes(Buffer.alloc(0), 0.5)).toHaveLength(0);
});
