import { describe, expect, test } from '@jest/globals';
import { hashKeyId, hidingOf } from '../../../../src/activities/runtime/hash-key.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import type { Plan } from '../../../../src/pipeline/run/plan.ts';

const KEY = 'k'.repeat(32);
const hashing = Mapping.parse({ columns: { email: { hash: true } } });
const masking = Mapping.parse({ columns: { email: { mask: true } } });

const plan = (mapping: Mapping, id: string | undefined) =>
  ({ run: 'r1', definition: { mapping }, ...(id === undefined ? {} : { hashKeyId: id }) }) as Plan;

describe('a mapping that hashes needs the key', () => {
  test.each<[string, string | undefined, string]>([
    ['none', undefined, 'HashKeyMissing'],
    ['an empty one', '', 'HashKeyMissing'],
    ['a short one', 'secret', 'BadEnvironment'],
  ])('before anything is read: %s', (_, key, code) => {
    const expected = expect.objectContaining({
      code,
      message: expect.stringContaining('openssl rand -hex 32'),
    });
    expect(() => hashKeyId(key, hashing)).toThrow(expected);
    expect(() => hidingOf(key, plan(hashing, 'x'))).toThrow(expected);
  });

  test('and the same one in all workers of a run', () => {
    const id = hashKeyId(KEY, hashing);
    expect(hidingOf(KEY, plan(hashing, id))).toEqual({ hash: expect.any(Function) });
    expect(() => hidingOf('l'.repeat(32), plan(hashing, id))).toThrow(
      expect.objectContaining({ code: 'HashKeyDiffers' }),
    );
  });

  test('in no message', () => {
    let message = '';
    try {
      hashKeyId('hunter2', hashing);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('7 characters');
    expect(message).not.toContain('hunter2');
  });
});

test('a mapping that only masks needs no key', () => {
  expect(hashKeyId(undefined, masking)).toBeUndefined();
  expect(hidingOf(undefined, plan(masking, undefined))).toBeUndefined();
});
