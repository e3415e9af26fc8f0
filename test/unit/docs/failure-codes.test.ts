import { expect, test } from '@jest/globals';
import { withFailureCodes } from './failure-codes.ts';
import { read } from './pages.ts';

test('docs/operating.md has every failure code: else node test/unit/docs/write-failure-codes.ts', () => {
  const page = read('docs/operating.md');
  expect(page).toBe(withFailureCodes(page));
});
