import type { RawFile, Taken } from '../../pipeline/datasets/documents.ts';
import { later, valueAt } from '../../pipeline/datasets/graph/calendar.ts';
import { spanOf } from '../../pipeline/datasets/graph/expected.ts';
import { dayOf } from '../../pipeline/datasets/partitions/partition-days.ts';
import { currentGeneration } from '../../store/datasets/current-generation.ts';
import type { OpenDataset } from './open-dataset.ts';

/** Whether the partitions of the last days lack a file that the index has. */
export type IsLost = (file: RawFile, known: Taken['files'][number]) => Promise<boolean>;

/**
 * For the days of `recompute`, the partitions say what was taken, not the index. Each generation is read once, when a file needs it.
 * @returns undefined without `recompute`
 */
export function lostFiles(
  { definition: { recompute, partition }, files }: OpenDataset,
  now: Date,
  signal: AbortSignal,
): IsLost | undefined {
  if (recompute === undefined) return undefined;
  const today = valueAt('day', now.getTime(), partition.timezone);
  const first = later('day', today, 1 - spanOf(recompute.last));
  const generations = new Map<string, Promise<ReadonlySet<string>>>();
  const inputsOf = async (path: string) => {
    const current = await currentGeneration(files, path, signal);
    // Of any version: the rows of a file stay if a newer version of it is damaged.
    return new Set(current?.generation.inputs.map(({ key }) => key));
  };
  return async ({ key, etag }, known) => {
    if (known.skipped === true || known.etag !== etag) return false;
    for (const path of known.partitions) {
      if ((dayOf(path) ?? '') < first) continue;
      const found = generations.get(path) ?? inputsOf(path);
      generations.set(path, found);
      if (!(await found).has(key)) return true;
    }
    return false;
  };
}
