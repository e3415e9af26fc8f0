import type { IntakePlan, RawFile, Taken } from '../documents.ts';
import type { OpenIntake } from './open-intake.ts';

/** What a run takes of the files that a listing found. */
export interface FilesToTake {
  readonly files: readonly RawFile[];
  readonly overwritten: IntakePlan['overwritten'];
}

/** The version of a file that was taken last, and the partitions that have, or are about to have, rows of any of its versions. */
interface KnownFile {
  readonly etag: string;
  readonly partitions: ReadonlySet<string>;
}

/**
 * The files of intakes that are read and still open: some of their rows are not published. Files of batches that were parked, and
 * files that were gone, are not taken.
 * @param open oldest first
 */
export function filesUnderWay(open: readonly OpenIntake[]): Map<string, KnownFile> {
  const found = new Map<string, KnownFile>();
  for (const { plan, results } of open) {
    const earlier = new Map(plan.overwritten.map(({ key, partitions }) => [key, partitions]));
    for (const { number, files } of plan.batches) {
      const result = results.get(number);
      if (result === undefined || result.parked !== undefined) continue;
      const partitions = new Map<string, string[]>();
      for (const { partition, inputs } of result.partitions)
        for (const { key } of inputs) {
          const own = partitions.get(key);
          if (own === undefined) partitions.set(key, [partition]);
          else own.push(partition);
        }
      const missing = new Set(result.missing);
      for (const { key, etag } of files) {
        if (missing.has(key)) continue;
        const all = [found.get(key)?.partitions ?? [], earlier.get(key) ?? [], partitions.get(key) ?? []];
        found.set(key, { etag, partitions: new Set(all.flatMap((some) => [...some])) });
      }
    }
  }
  return found;
}

/**
 * Files are taken by identity, key and ETag. A file is taken already if the index has it, unless it was set back, or an intake that is
 * under way.
 * @param taken the index of the folders that were listed
 * @param lost keys of files that the index has, and partitions lack: they are taken again
 */
export function filesToTake(
  listed: readonly RawFile[],
  taken: ReadonlyMap<string, Taken['files'][number]>,
  underWay: ReadonlyMap<string, KnownFile>,
  lost: ReadonlySet<string> = new Set(),
): FilesToTake {
  const files: RawFile[] = [];
  const overwritten: IntakePlan['overwritten'] = [];
  for (const file of listed) {
    const [pending, indexed] = [underWay.get(file.key), taken.get(file.key)];
    const last = pending ?? indexed;
    const isWanted = indexed?.again === true || lost.has(file.key);
    const isAgain = pending === undefined && indexed?.etag === file.etag && isWanted;
    if (last?.etag === file.etag && !isAgain) continue;
    files.push(file);
    const partitions = [...new Set([...(indexed?.partitions ?? []), ...(pending?.partitions ?? [])])];
    // With a new module, its records may have other days: the earlier rows go.
    if (isAgain) overwritten.push({ key: file.key, partitions, again: true });
    else if (partitions.length > 0) overwritten.push({ key: file.key, partitions });
  }
  return { files, overwritten };
}
