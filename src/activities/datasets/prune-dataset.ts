import type { ListedObject } from '../../clients/object-store.ts';
import type { PrunedDataset } from '../../contract/datasets/dataset-activities.ts';
import {
  beforeIntake,
  intakeOf,
  intakesDirectory,
  isBatchFile,
  isClosedMark,
} from '../../pipeline/datasets/dataset-directory.ts';
import type { Pruned } from '../../pipeline/datasets/documents.ts';
import { UNREFERENCED_MS } from '../../pipeline/datasets/prune-generations.ts';
import { amend } from '../../store/bookmark.ts';
import { type DatasetFiles, prunedFile } from '../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../store/document.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';
import { deleteObjects, type PruneContext, prunableGenerations } from './prunable-generations.ts';

const DAY_MS = 86_400_000;

export const isPruningDue = (last: Pruned | undefined, nowMs: number): boolean =>
  last === undefined || nowMs - Date.parse(last.at) >= DAY_MS;

/** @param intake the batch files of all intakes up to it are deleted */
export async function notePruned(
  files: DatasetFiles,
  nowMs: number,
  intake: number,
  signal: AbortSignal,
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  await amend(
    prunedFile(files),
    (last) => (last !== undefined && last.at >= at ? last : { version: 1 as const, at, intake }),
    signal,
  );
}

/**
 * Deletes what nothing needs, once a day: superseded generations after `keepSuperseded`, generations that were never published, and
 * the rows that batches of closed intakes wrote.
 */
export async function pruneDataset(
  context: PruneContext & { readonly deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'> },
  dataset: OpenDataset,
): Promise<PrunedDataset> {
  const { deps, signal } = context;
  const { files, definition } = dataset;
  const nowMs = (await sharedTime(deps, files.store.bucket, { signal })).getTime();
  const before = await findDocument(prunedFile(files), signal);
  if (!isPruningDue(before, nowMs)) return { generations: 0, objects: 0, bytes: 0 };
  const { keepSuperseded } = definition;
  const generations = await prunableGenerations(context, { files, keepSuperseded }, nowMs);
  const batches = await batchFiles(dataset, before?.intake ?? 0, nowMs, signal);
  const objects = [...generations.flatMap((each) => each.objects), ...batches.objects];
  await deleteObjects(files, objects, context);
  await notePruned(files, nowMs, batches.upTo, signal);
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  return { generations: generations.length, objects: objects.length, bytes };
}

/** What batches of intakes wrote that were closed long enough ago for every reader to have ended. */
async function batchFiles(
  { files: { store, at } }: OpenDataset,
  after: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<{ objects: ListedObject[]; upTo: number }> {
  const intakes = new Map<number, { closedMs: number | undefined; objects: ListedObject[] }>();
  for await (const object of store.list(intakesDirectory(at), {
    startAfter: beforeIntake(at, after + 1),
    signal,
  })) {
    const intake = intakeOf(at, object.key);
    if (intake === undefined) continue;
    const own = intakes.get(intake) ?? { closedMs: undefined, objects: [] };
    if (isClosedMark(object.key)) own.closedMs = object.modifiedMs;
    if (isBatchFile(object.key)) own.objects.push(object);
    intakes.set(intake, own);
  }
  const isOld = ({ closedMs }: { closedMs: number | undefined }) =>
    closedMs !== undefined && nowMs - closedMs > UNREFERENCED_MS;
  const old = [...intakes].filter(([, each]) => isOld(each));
  const [firstOpen] = [...intakes].find(([, each]) => !isOld(each)) ?? [];
  return {
    objects: old.flatMap(([, { objects }]) => objects),
    upTo: firstOpen === undefined ? Math.max(after, [...intakes.keys()].at(-1) ?? 0) : firstOpen - 1,
  };
}
