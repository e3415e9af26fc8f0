import type { Catalogue } from '../../clients/catalogue.ts';
import type { ListedObject } from '../../clients/object-store.ts';
import type { TableAddress } from '../../pipeline/datasets/catalogue/catalogue-table.ts';
import {
  generationDirectory,
  generationName,
  generationOfKey,
} from '../../pipeline/datasets/dataset-directory.ts';
import { generationsToPrune, type ListedGeneration } from '../../pipeline/datasets/prune-generations.ts';
import type { Pins } from '../../store/datasets/closure.ts';
import type { DatasetFiles } from '../../store/datasets/dataset-documents.ts';
import { publishedPartitions } from '../../store/datasets/published-partitions.ts';

export interface PruneContext {
  /** The dataset's table in the catalogue, if it has one: what its partitions name stays. */
  readonly catalogued: { readonly catalogue: Catalogue; readonly address: TableAddress } | undefined;
  /** What publications pin: it stays. */
  readonly pins: (signal: AbortSignal) => Promise<Pins>;
  readonly signal: AbortSignal;
  readonly onDeleted: (objects: number) => void;
}

/** A generation, and its objects in the order in which they are deleted: the document last, so that a later call finds the rest. */
export interface FoundGeneration extends ListedGeneration {
  readonly partition: string;
  readonly objects: readonly ListedObject[];
}

const KEYS_PER_CALL = 1000;
/** A generation that was current when a group was compared stays until the publication that names it is there. */
const LEAST_KEEP_MS = 3_600_000;

/** Deletes objects in their order. */
export async function deleteObjects(
  { store }: DatasetFiles,
  objects: readonly ListedObject[],
  { signal, onDeleted }: Pick<PruneContext, 'signal' | 'onDeleted'>,
): Promise<void> {
  for (let i = 0; i < objects.length; i += KEYS_PER_CALL) {
    const some = objects.slice(i, i + KEYS_PER_CALL);
    await store.delete(
      some.map(({ key }) => key),
      { signal },
    );
    onDeleted(some.length);
  }
}

/** The generations of a dataset that nothing needs. Pins are found only if there are any but for these. */
export async function prunableGenerations(
  { catalogued, pins, signal }: PruneContext,
  { files, keepSuperseded }: { readonly files: DatasetFiles; readonly keepSuperseded: number },
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
  const prunable = [...byPartition].flatMap(([partition, own]) => {
    const all = [...own].map(([name, objects]) => foundGeneration(name, partition, objects));
    const pointer = pointers.get(partition);
    const kept = all.filter(({ name }) =>
      named.has(`s3://${store.bucket}/${generationDirectory(at, partition, name)}`),
    );
    return generationsToPrune(all, {
      current: pointer && generationName(pointer.generation, pointer.id),
      named: new Set(kept.map(({ name }) => name)),
      ...{ nowMs, keepMs: Math.max(keepSuperseded * 1000, LEAST_KEEP_MS) },
    }) as FoundGeneration[];
  });
  if (prunable.length === 0) return [];
  // After the pointers: what was published meanwhile is pinned with what it was built from.
  const { generations: pinned } = await pins(signal);
  return prunable.filter(({ partition, name }) => pinned.get(partition)?.has(name) !== true);

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
