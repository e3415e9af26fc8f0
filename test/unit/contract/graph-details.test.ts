import { expect, test } from '@jest/globals';
import type { GraphProgress } from '../../../src/contract/datasets/graph.ts';
import { graphDetails, graphLine } from '../../../src/contract/datasets/graph-details.ts';

const totals = { complete: 4, ready: 0, waits: 0, blocked: 0, held: 0, failed: 1 };
const progress: GraphProgress = {
  ...{ phase: 'waiting', waitsFor: 'operator', built: 3, unchanged: 1, running: 0, totals },
  warnings: ['daily 2024-03-01: few: 1 row'],
  unfinished: [{ dataset: 'statements', partition: '2024-03', state: 'failed', reason: 'StepFailed: no' }],
};

test('a run that waits says for whom, what failed, and every command that helps', () => {
  expect(graphDetails(progress).split('\n')).toEqual([
    ...['**Waiting for you: partitions failed**', ''],
    ...['3 partitions new or changed, 1 unchanged, 0 running', '', '4 complete, 1 failed', ''],
    ...['Not complete:', '- `statements` 2024-03: failed: StepFailed: no', ''],
    ...['Warnings:', '- daily 2024-03-01: few: 1 row', ''],
    '- Fix the cause, then: `tributary dataset retry`',
    '- End the run with what it has built: `tributary dataset finish`',
    '- Leave a partition as it was built last: `tributary dataset accept statements/2024-03 --reason "…"`',
    '',
    'In the Web UI: send this workflow the update `retry`, `finish`, or `accept` with `{"dataset":"statements","partition":"2024-03","reason":"…"}`.',
  ]);
  expect(graphDetails({ ...progress, waitsFor: 'retry' })).toMatch(
    /^\*\*Waiting: partitions failed; the run builds them again by itself\*\*\n/,
  );
  expect(graphDetails({ ...progress, phase: 'build' })).not.toContain('dataset retry');
});

test('in one line, it says the same', () => {
  expect(graphLine(progress)).toBe('waiting for you: 1 failed, 4 partitions built');
  expect(graphLine({ ...progress, waitsFor: 'retry' })).toBe('waiting: 1 failed, 4 partitions built');
  expect(graphLine({ ...progress, phase: 'build' })).toBe('build: 4 partitions built');
  expect(graphLine({ ...progress, phase: 'done' })).toBe('done');
});
