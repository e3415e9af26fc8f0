import { expect, test } from '@jest/globals';
import { batches } from '../../../../src/pipeline/sql/batches.ts';
import { clientToken } from '../../../../src/pipeline/sql/client-token.ts';

test('statements are split in order, by number and by bytes', () => {
  const statements = Array.from({ length: 80 }, (_, i) => `S${i}`);
  expect(batches(statements).map((batch) => batch.length)).toEqual([35, 35, 10]);
  expect(batches(statements).flat()).toEqual(statements);
  expect(batches(['éé', 'b', 'cccc'], { maxBytes: 5 })).toEqual([['éé', 'b'], ['cccc']]);
  expect(batches([])).toEqual([]);
});

test('a statement that exceeds every batch is refused', () => {
  expect(() => batches(['x'.repeat(90_001)])).toThrow('the Redshift Data API accepts at most 100 KB');
});

test('a client token has 64 digits, and differs for anything else', () => {
  const token = clientToken('staging', 'load', ['A', 'B']);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(clientToken('staging', 'load', ['A', 'B'])).toBe(token);
  const others = [
    clientToken('staging2', 'load', ['A', 'B']),
    clientToken('staging', 'load2', ['A', 'B']),
    clientToken('staging', 'load', ['A', 'B', '']),
    clientToken('staging', 'load', ['AB']),
    clientToken('staging', 'load', ['A', 'B'], 'another'),
  ];
  expect(new Set([token, ...others]).size).toBe(6);
});
