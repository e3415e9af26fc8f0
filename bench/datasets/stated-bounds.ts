import { FILE_SIZES } from '../../src/pipeline/datasets/parquet/file-plan.ts';
import type { BoundsResult } from './bounds.ts';

/** What docs/datasets.md states of generations, data files and bytes. */
export interface StatedBounds {
  readonly generations: number;
  readonly dataFiles: number;
  readonly dataBytes: number;
}

/**
 * The bounds of runs that publish a partition at most so many times: of the data files of a generation, at most one is small, and it has
 * written, with what it copied, at most as much as its partition has in the end.
 * @param generations of a partition, at most
 */
export function statedBounds(
  { partitions }: Pick<BoundsResult, 'partitions'>,
  generations: (partition: string) => number,
): StatedBounds {
  const each = partitions.map(({ name, bytes }) => {
    const published = generations(name);
    return {
      generations: published,
      dataFiles: published * (Math.floor(bytes / FILE_SIZES.smallBytes) + 1),
      dataBytes: published * bytes,
    };
  });
  const sum = (key: keyof StatedBounds) => each.reduce((all, one) => all + one[key], 0);
  return { generations: sum('generations'), dataFiles: sum('dataFiles'), dataBytes: sum('dataBytes') };
}

/** What exceeds the bounds, a line each. */
export const exceeded = (result: BoundsResult, bounds: StatedBounds): string[] =>
  (['generations', 'dataFiles', 'dataBytes'] as const)
    .filter((key) => result[key] > bounds[key])
    .map((key) => `${key}: ${result[key]}, and docs/datasets.md states at most ${bounds[key]}.`);
