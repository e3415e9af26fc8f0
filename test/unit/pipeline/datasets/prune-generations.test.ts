import { describe, expect, test } from '@jest/globals';
import { generationOfKey } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import {
  generationsToPrune,
  type ListedGeneration,
} from '../../../../src/pipeline/datasets/prune-generations.ts';

const HOUR = 3_600_000;
const NOW = 1000 * HOUR;

/** @param hours how long ago it was written */
const written = (
  generation: number,
  hours: number,
  more: Partial<ListedGeneration> = {},
): ListedGeneration => ({
  ...{ name: `gen-${generation}`, generation, documentMs: NOW - hours * HOUR, newestMs: NOW - hours * HOUR },
  ...more,
});
const folder = (generation: number, hours: number): ListedGeneration => {
  const { documentMs: _, ...rest } = written(generation, hours, { name: `gen-${generation}-lost` });
  return rest;
};

const pruned = (
  all: readonly ListedGeneration[],
  current: string | undefined,
  named: readonly string[] = [],
) =>
  generationsToPrune(all, { current, named: new Set(named), nowMs: NOW, keepMs: 48 * HOUR }).map(
    ({ name }) => name,
  );

describe('the generations that nothing needs', () => {
  test('are those that were superseded long enough ago, however old they are', () => {
    const all = [written(1, 900), written(2, 49), written(3, 47), written(4, 1)];
    expect(pruned(all, 'gen-4')).toEqual(['gen-1']);
    // Generation 2 was superseded 47 hours ago, although it is older.
    expect(pruned(all.slice(1), 'gen-4')).toEqual([]);
  });

  test('are never those that the pointer or the catalogue names', () => {
    const all = [written(1, 900), written(2, 800), written(3, 700)];
    expect(pruned(all, 'gen-3', ['gen-1'])).toEqual(['gen-2']);
    expect(pruned(all, 'gen-1')).toEqual(['gen-2', 'gen-3']);
  });

  test('are those that were never published, after seven days', () => {
    const all = [written(5, 1000), folder(4, 200), folder(6, 100), folder(6, 200)];
    expect(pruned(all, 'gen-5')).toEqual(['gen-4-lost', 'gen-6-lost']);
    expect(pruned([folder(1, 100), written(1, 150)], undefined)).toEqual([]);
    expect(pruned([folder(1, 200)], undefined)).toEqual(['gen-1-lost']);
  });
});

test('a key says which generation it belongs to', () => {
  const at = { prefix: 'lake' };
  const own = { name: 'gen-00007-ab12', generation: 7 };
  expect(generationOfKey(at, 'lake/day=2026-11-01/gen-00007-ab12/0000.parquet')).toEqual({
    ...{ ...own, partition: 'day=2026-11-01', isDocument: false },
  });
  const metadata = 'lake/_tributary/partitions/year=2026/month=11/day=01';
  const partition = 'year=2026/month=11/day=01';
  expect(generationOfKey(at, `${metadata}/gen-00007-ab12.json`)).toEqual({
    ...own,
    partition,
    isDocument: true,
  });
  expect(generationOfKey(at, `${metadata}/gen-00007-ab12/0000-inputs.parquet`)).toEqual({
    ...{ ...own, partition, isDocument: false },
  });
  for (const other of [
    `${metadata}/current.json`,
    'lake/_tributary/late.json',
    'other/gen-00001-a/0000.parquet',
  ])
    expect(generationOfKey(at, other)).toBeUndefined();
});
