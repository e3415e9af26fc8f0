import { expect, test } from '@jest/globals';
import { rebuiltBy } from '../../../../src/cli/datasets/fetch-file.ts';

test('a file that is gone is restored by a rebuild of its days, or by a run', () => {
  const source = { source: {}, partition: { unit: 'day' } } as never;
  const derived = { inputs: {}, partition: { unit: 'month' } } as never;
  expect(rebuiltBy('rides', source, '2026-11-02')).toMatch(
    /dataset rebuild rides --from 2026-11-02 --to 2026-11-02$/,
  );
  expect(rebuiltBy('rides', source, '2026-11-02-13')).toMatch(/--from 2026-11-02 --to 2026-11-02$/);
  expect(rebuiltBy('totals', derived, '2026-11')).toMatch(/dataset run totals$/);
});
