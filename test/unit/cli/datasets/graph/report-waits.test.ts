import { expect, test } from '@jest/globals';
import { waitText } from '../../../../../src/cli/datasets/graph/report-waits.ts';
import type { UnfinishedPartition } from '../../../../../src/contract/datasets/graph.ts';

const totals = { complete: 5, ready: 0, waits: 0, blocked: 1, held: 0, failed: 1 };
const unfinished: UnfinishedPartition[] = [
  { dataset: 'daily', partition: '2026-11-01', state: 'failed', reason: 'StepFailed: no' },
  { dataset: 'monthly', partition: '2026-11', state: 'blocked', reason: 'daily 2026-11-01 failed' },
];

test('a run that waits for an operator says what failed and why, and which orders it takes', () => {
  const text = waitText('graph/all/1', { unfinished, totals, waitsFor: 'operator' });
  expect(text).toMatch(
    /^The run waits for you: 1 partition failed; what does not depend on it is built\.\n {2}failed +daily 2026-11-01: StepFailed: no\n/,
  );
  expect(text).not.toContain('2026-11 ');
  expect(text).toMatch(/dataset retry graph\/all\/1/);
  expect(text).toMatch(/dataset accept <dataset>\/<partition> --run graph\/all\/1 --reason "…"/);
  expect(text).toMatch(/dataset finish graph\/all\/1/);
});

test('a run that tries again by itself says so', () => {
  expect(waitText('graph/all/1', { unfinished, totals, waitsFor: 'retry' })).toMatch(
    /^1 partition failed\. The run builds what failed again by itself; what does not depend on it is built\.\n/,
  );
});
