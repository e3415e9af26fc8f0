import type { Catalogue } from '../../clients/catalogue.ts';
import type { ListedObject } from '../../clients/object-store.ts';
import type { PrunedDataset } from '../../contract/datasets/dataset-activities.ts';
import type { TableAddress } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import {
  beforeIntake,
  generationDirectory,
  generationName,
  generationOfKey,
  intakeOf,
  intakesDirectory,
  isBatchFile,
  isClosedMark,
} from '../../pipeline/datasets/dataset-directory.ts';
import {
  generationsToPrune,
  type ListedGeneration,
  UNREFERENCED_MS,
} from '../../pipeline/datasets/prune-generations.ts';
import { amend } from '../../store/bookmark.ts';
import { prunedFile } from '../../store/datasets/dataset-documents.ts';
import { publishedPartitions } from '../../store/datasets/published-partitions.ts';
import { findDocument } from '../../store/document.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { OpenDataset } from './open-dataset.ts';

const DAY_MS = 86_400_000;
const KEYS_PER_CALL = 1000;

interface PruneContext {
  readonly deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>;
  /** The dataset's table in the catalogue, if it has one: what its partitions name stays. */
  readonly catalogued: { readonly catalogue: Catalogue; readonly address: TableAddress } | undefined;
  /** Publications are made of it, and keep what they were built from: its generations stay. */
  readonly isPinned: boolean;
  readonly signal: AbortSignal;
  readonly onDeleted: (objects: number) => void;
}

/** A generation, and its objects in the order in which they are deleted: the document last, so that a later call finds the rest. */
interface FoundGeneration extends ListedGeneration {
  readonly partition: string;
  readonly objects: readonly ListedObject[];
}

/**
 * Deletes what nothing needs, once a day: superseded generations after `keepSuperseded`, generations that were never published, and
 * the rows that batches of closed intakes wrote.
 */
export async function pruneDataset(context: PruneContext, dataset: OpenDataset): Promise<PrunedDataset> {
  const { deps, signal } = context;
  const { files } = dataset;
  const nowMs = (await sharedTime(deps, files.store.bucket, { signal })).getTime();
  const before = await findDocument(prunedFile(files), signal);
  if (before !== undefined && nowMs - Date.parse(before.at) < DAY_MS)
    return { generations: 0, objects: 0, bytes: 0 };
  const generations = context.isPinned ? [] : await prunable(context, dataset, nowMs);
  const batches = await batchFiles(dataset, before?.intake ?? 0, nowMs, signal);
  const objects = [...generations.flatMap((each) => each.objects), ...batches.objects];
  for (let i = 0; i < objects.length; i += KEYS_PER_CALL) {
    const some = objects.slice(i, i + KEYS_PER_CALL);
    await files.store.delete(
      some.map(({ key }) => key),
      { signal },
    );
    context.onDeleted(some.length);
  }
  const at = new Date(nowMs).toISOString();
  await amend(
    prunedFile(files),
    (last) =>
      last !== undefined && last.at >= at ? last : { version: 1 as const, at, intake: batches.upTo },
    signal,
  );
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  return { generations: generations.length, objects: objects.length, bytes };
}

async function prunable(
  { catalogued, signal }: PruneContext,
  { files, definition }: OpenDataset,
  nowMs: number,
): Promise<FoundGeneration[]> {
  const { store, at } = files;
  const byPartition = new Map<string, Map<string, ListedObject[]>>();
  for await (const object of store.list(at.prefix === '' ? '' : `${at.prefix}/`, { signal })) {
    const found = generationOfKey(at, object.key);
    if (found === undefined) continue;
    const own = byPartition.get(found.partition) ?? new Map<string, ListedObject[]>();
    own.set(found.name, [...(own.get(found.name) ?? []), object]);
    byPartition.set(found.partition, own);
  }
  // After the listing: what it did not show as published may be by now.
  const pointers = await publishedPartitions(files, signal);
  const named = new Set<string>();
  if (catalogued !== undefined)
    for await (const { location } of catalogued.catalogue.partitions(catalogued.address, { signal }))
      named.add(location);
  return [...byPartition].flatMap(([partition, own]) => {
    const all = [...own].map(([name, objects]) => foundGeneration(name, partition, objects));
    const pointer = pointers.get(partition);
    const kept = all.filter(({ name }) =>
      named.has(`s3://${store.bucket}/${generationDirectory(at, partition, name)}`),
    );
    return generationsToPrune(all, {
      current: pointer && generationName(pointer.generation, pointer.id),
      named: new Set(kept.map(({ name }) => name)),
      ...{ nowMs, keepMs: definition.keepSuperseded * 1000 },
    }) as FoundGeneration[];
  });

  function foundGeneration(
    name: string,
    partition: string,
    objects: readonly ListedObject[],
  ): FoundGeneration {
    const isDocument = ({ key }: ListedObject) => generationOfKey(at, key)?.isDocument === true;
    const document = objects.find(isDocument);
    return {
      ...{ name, partition, generation: generationOfKey(at, objects[0]!.key)!.generation },
      ...(document?.modifiedMs === undefined ? {} : { documentMs: document.modifiedMs }),
      newestMs: objects.reduce((newest, { modifiedMs = 0 }) => Math.max(newest, modifiedMs), 0),
      objects: [
        ...objects.filter((each) => !isDocument(each)),
        ...(document === undefined ? [] : [document]),
      ],
    };
  }
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
