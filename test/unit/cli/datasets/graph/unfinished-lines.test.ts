import { expect, test } from '@jest/globals';
import { unfinishedLines } from '../../../../../src/cli/datasets/graph/unfinished-lines.ts';
import type { UnfinishedPartition } from '../../../../../src/contract/datasets/graph.ts';

const days = (dataset: string, count: number, reasonOf: (day: string) => string) =>
  Array.from({ length: count }, (_, index): UnfinishedPartition => {
    const partition = `2026-11-0${index + 1}`;
    return { dataset, partition, state: 'blocked', reason: reasonOf(partition) };
  });

test('partitions in a row that have the same reason are one line; few are a line each', () => {
  expect(
    unfinishedLines([
      ...days('rates', 4, () => 'not there'),
      ...days('daily', 3, (day) => `rates ${day} is missing`),
      ...days('monthly', 2, () => 'waits\nfor days'),
      {
        dataset: 'daily',
        partition: '2026-11-09',
        state: 'failed',
        reason: 'no',
        inputs: ['rates 2026-11-09'],
      },
    ]),
  ).toEqual([
    'blocked rates 2026-11-01 to 2026-11-04 (4): not there',
    'blocked daily 2026-11-01 to 2026-11-03 (3): rates 2026-11-01 is missing, and so on',
    'blocked monthly 2026-11-01: waits for days',
    'blocked monthly 2026-11-02: waits for days',
    'failed  daily 2026-11-09: no\n        reads rates 2026-11-09',
  ]);
});
