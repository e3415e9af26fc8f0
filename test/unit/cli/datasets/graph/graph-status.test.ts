import { expect, test } from '@jest/globals';
import { statusText } from '../../../../../src/cli/datasets/graph/graph-status.ts';
import { type OpenRun, withFailures } from '../../../../../src/cli/datasets/graph/open-runs.ts';
import { helpFor } from '../../../../../src/cli/datasets/graph/show-graph.ts';
import type { GraphProgress, PlanDatasetsResult } from '../../../../../src/contract/datasets/graph.ts';

const none = { complete: 0, ready: 0, waits: 0, blocked: 0, held: 0, failed: 0 };
const counts = { ...none, complete: 1, ready: 1 };
const plan: PlanDatasetsResult = {
  totals: { ...none, complete: 1, ready: 1 },
  datasets: [{ name: 'daily', kind: 'derived', unit: 'day', reads: [], counts }],
  partitions: [{ dataset: 'daily', partition: '2026-11-02', state: 'ready', reason: 'not built yet' }],
  progress: [],
};
const progress: GraphProgress = {
  ...{ phase: 'waiting', built: 3, unchanged: 1, running: 0, warnings: [] },
  totals: { ...none, complete: 1, failed: 1 },
  unfinished: [
    {
      ...{ dataset: 'daily', partition: '2026-11-02', state: 'failed', reason: 'StepFailed: no' },
      inputs: ['rates 2026-11-02'],
    },
  ],
};
const run: OpenRun = { workflowId: 'graph/all/1', startedAt: '2026-11-03T04:00:00.000Z', progress };

test('a partition that failed in a run that waits is failed, and not ready', () => {
  expect(withFailures(plan, [run])).toMatchObject({
    totals: { complete: 1, ready: 0, failed: 1 },
    datasets: [{ counts: { complete: 1, ready: 0, failed: 1 } }],
    partitions: [{ state: 'failed', reason: 'StepFailed: no', run: 'graph/all/1' }],
  });
  expect(withFailures(plan, [])).toEqual(plan);
});

test('the status says what runs, what failed, what that reads, and what helps', () => {
  const text = statusText(withFailures(plan, [run]), [run], false);
  expect(text.split('\n')).toEqual([
    'a run since 2026-11-03 04:00:00Z waits: 1 partition failed; 3 new or changed, 1 unchanged  graph/all/1',
    ...['', 'daily  1 complete, 1 failed', ''],
    ...['failed  daily 2026-11-02: StepFailed: no', '        reads rates 2026-11-02', ''],
    ...[expect.stringMatching(/^Fix the cause, then: .* dataset retry/), ''],
  ]);
  expect(statusText(plan, [], false)).not.toContain('retry');
});

test('a run that waits says for whom', () => {
  const waits = (waitsFor: 'retry' | 'operator') =>
    statusText(plan, [{ ...run, progress: { ...progress, waitsFor } }], false);
  expect(waits('operator')).toContain(' waits for you: 1 partition failed; ');
  expect(waits('retry')).toContain(' waits: 1 partition failed and will be built again; ');
});

test('the command that helps is that of the state, unless the reason has it', () => {
  const [failed] = withFailures(plan, [run]).partitions;
  expect(helpFor(failed!).help).toMatch(/dataset retry graph\/all\/1/);
  expect(helpFor(plan.partitions[0]!).help).toMatch(/dataset run daily/);
  expect(helpFor({ ...plan.partitions[0]!, state: 'waits' })).toEqual({});
  expect(helpFor({ ...failed!, reason: 'see "tributary dataset run rates"' })).toEqual({});
});
