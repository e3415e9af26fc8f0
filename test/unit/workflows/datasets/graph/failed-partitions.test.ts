import { expect, test } from '@jest/globals';
import { FailedPartitions } from '../../../../../src/workflows/datasets/graph/failed-partitions.ts';

const failed = (dataset: string, partition: string) => ({
  dataset,
  partition,
  reason: 'StepFailed: no rate',
});
const minute = 60_000;
const retrySeconds = { daily: 600, monthly: 60 };

const again = (partitions: FailedPartitions, nowMs: number) =>
  partitions
    .again(retrySeconds, nowMs)
    .map(({ failed: { dataset, partition }, leftMs }) => `${dataset} ${partition} ${leftMs / minute}`);

test('a partition is built again for as long as its dataset says, since it failed first', () => {
  const partitions = new FailedPartitions();
  partitions.add(failed('daily', '2026-11-01'), 0);
  partitions.add(failed('monthly', '2026-11'), 0);
  partitions.add(failed('rates', '2026-11-01'), 0);
  expect(again(partitions, 0)).toEqual(['daily 2026-11-01 10', 'monthly 2026-11 1', 'rates 2026-11-01 60']);
  partitions.retry([failed('daily', '2026-11-01')]);
  partitions.add(failed('daily', '2026-11-01'), 2 * minute);
  expect(again(partitions, 2 * minute)).toEqual(['rates 2026-11-01 58', 'daily 2026-11-01 8']);
  const continued = new FailedPartitions(JSON.parse(JSON.stringify(partitions.carried)));
  expect(again(continued, 9 * minute)).toEqual(['rates 2026-11-01 51', 'daily 2026-11-01 1']);
});

test('one that was built, or that an operator has built again, counts from zero if it fails later', () => {
  const partitions = new FailedPartitions();
  partitions.add(failed('monthly', '2026-11'), 0);
  partitions.retry([failed('monthly', '2026-11')]);
  partitions.built(failed('monthly', '2026-11'));
  partitions.add(failed('monthly', '2026-11'), 5 * minute);
  expect(again(partitions, 5 * minute)).toEqual(['monthly 2026-11 1']);
  expect(again(partitions, 6 * minute)).toEqual([]);
  partitions.retryAll();
  expect(partitions.all).toEqual([]);
  partitions.add(failed('monthly', '2026-11'), 7 * minute);
  expect(again(partitions, 7 * minute)).toEqual(['monthly 2026-11 1']);
});
