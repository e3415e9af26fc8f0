import type { IntakePlan, RawFile, Taken } from '../documents.ts';
import type { OpenIntake } from './open-intake.ts';

/** What a run takes of the files that a listing found. */
export interface FilesToTake {
  readonly files: readonly RawFile[];
  readonly overwritten: IntakePlan['overwritten'];
  /** Files that were overwritten while an earlier run has yet to publish their rows: the next run takes them. */
  readonly later: number;
}

/**
 * Files are taken by identity, key and ETag. A file is taken already if the index has it, or an open intake whose batch was not
 * given up.
 * @param taken the index of the folders that were listed
 */
export function filesToTake(
  listed: readonly RawFile[],
  taken: ReadonlyMap<string, Taken['files'][number]>,
  open: readonly OpenIntake[],
): FilesToTake {
  const underWay = new Map<string, string>();
  for (const { plan, results } of open)
    for (const { number, files } of plan.batches) {
      const result = results.get(number);
      if (result?.parked !== undefined) continue;
      const missing = new Set(result?.missing);
      for (const { key, etag } of files) if (!missing.has(key)) underWay.set(key, etag);
    }
  const files: RawFile[] = [];
  const overwritten: IntakePlan['overwritten'] = [];
  let later = 0;
  for (const file of listed) {
    const pending = underWay.get(file.key);
    if (pending !== undefined) {
      if (pending !== file.etag) later++;
      continue;
    }
    const before = taken.get(file.key);
    if (before?.etag === file.etag) continue;
    files.push(file);
    if (before !== undefined && before.partitions.length > 0)
      overwritten.push({ key: file.key, partitions: before.partitions });
  }
  return { files, overwritten, later };
}
