import { amend } from '../../store/bookmark.ts';
import { latePassFile } from '../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../store/document.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';

type TimeDependencies = Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>;

/** Whether rows for late days are to be published now: every `late.every`. */
export async function latePass(
  deps: TimeDependencies,
  { definition, files }: OpenDataset,
  signal: AbortSignal,
): Promise<boolean> {
  const { late } = definition;
  if (late === undefined) return true;
  const last = await findDocument(latePassFile(files), signal);
  if (last === undefined) return true;
  const now = await sharedTime(deps, files.store.bucket, { signal });
  return now.getTime() - Date.parse(last.at) >= late.every * 1000;
}

/** Notes that rows for late days were published. */
export async function notePass(
  deps: TimeDependencies,
  { files }: OpenDataset,
  signal: AbortSignal,
): Promise<void> {
  const at = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
  await amend(
    latePassFile(files),
    (before) => (before !== undefined && before.at >= at ? before : { version: 1 as const, at }),
    signal,
  );
}
