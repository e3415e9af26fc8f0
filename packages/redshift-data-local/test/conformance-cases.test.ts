import { expect, test } from '@jest/globals';
import { loadCases } from '../conformance/conformance-case.ts';

test('every conformance case is well-formed, says where its rule comes from, and has a name of its own', async () => {
  const cases = await loadCases();
  expect(cases.length).toBeGreaterThanOrEqual(60);
});
