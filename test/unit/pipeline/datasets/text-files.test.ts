import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generationOfKey, textsDirectory } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import { nameOfValue } from '../../../../src/pipeline/datasets/text-files.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const name = (value: string | undefined) => nameOfValue(value, hash);

test('plain values are their own names; others are encoded, so that none leaves its folder', () => {
  expect(['42', 'DE-1_a', '1.50', '..', '.', '/', 'a b', 'é', '%null', '', undefined].map(name)).toEqual([
    ...['42', 'DE-1_a', '1.50', '%2E.', '%2E', '%2F', 'a%20b', '%C3%A9', '%25null', '%empty', '%null'],
  ]);
});

test('different values have different names, of bounded length, whatever they are', () => {
  const value = fc.option(fc.string({ unit: 'binary', size: 'max', maxLength: 400 }), { nil: undefined });
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(name(a)).toMatch(/^[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]{0,180}$/);
      // Half of a surrogate pair has no UTF-8.
      fc.pre(a?.isWellFormed() !== false && b?.isWellFormed() !== false);
      expect(name(a) === name(b)).toBe(a === b);
    }),
    { numRuns: 500 },
  );
  expect(name('é'.repeat(200))).not.toBe(name(`${'é'.repeat(200)}x`));
});

test('no value is taken for a generation, which pruning might delete', () => {
  const at = { prefix: 'reports/statements' };
  const key = `${textsDirectory(at, 'month=2026-03')}${name('gen-00001-abc')}/0123.tsv`;
  expect(key).toBe('reports/statements/files/month=2026-03/gen-00001-abc/0123.tsv');
  expect(generationOfKey(at, key)).toBeUndefined();
});
