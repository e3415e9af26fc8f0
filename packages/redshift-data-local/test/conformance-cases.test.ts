import { expect, test } from '@jest/globals';
import { loadCases } from '../conformance/conformance-case.ts';

test('every conformance case is well-formed, names the source of its rule, and has a unique name', async () => {
  const cases = await loadCases();
  expect(cases.length).toBeGreaterThanOrEqual(60);
});
