import { expect, test } from '@jest/globals';
import { keyedHash, keyId } from '../../../../src/pipeline/item/keyed-hash.ts';

test('a keyed hash is HMAC-SHA-256, as RFC 4231 has it (case 2)', () => {
  expect(keyedHash('Jefe')('what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('the id of a key differs from that of another, and shows neither', () => {
  expect(keyId('one')).toMatch(/^[0-9a-f]{16}$/);
  expect(keyId('one')).toBe(keyId('one'));
  expect(keyId('one')).not.toBe(keyId('two'));
});
