import type { ListedObject } from '../../../clients/object-store.ts';
import {
  builtOfKey,
  copiesDirectory,
  partitionsDirectory,
  textsDirectory,
  unloadsDirectory,
} from '../../../pipeline/datasets/dataset-directory.ts';
import type { Pointer } from '../../../pipeline/datasets/documents.ts';
import { UNREFERENCED_MS } from '../../../pipeline/datasets/prune-generations.ts';
import type { Pins } from '../../../store/datasets/closure.ts';
import { buildRecord, type DatasetFiles, prunedFile } from '../../../store/datasets/dataset-documents.ts';
import { generationNames } from '../../../store/datasets/generation-names.ts';
import { publishedPartitions } from '../../../store/datasets/published-partitions.ts';
import { findTextIndex, textsByPartition } from '../../../store/datasets/text-files.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { type CatalogueDependencies, findCatalogued } from '../open-catalogued.ts';
import { deleteObjects, type PruneContext, prunableGenerations } from '../prunable-generations.ts';
import { isPruningDue, notePruned } from '../prune-dataset.ts';
import type { OpenGraph } from './open-graph.ts';
import { PinnedGenerations } from './pinned.ts';

type PruneDependencies = CatalogueDependencies &
  Pick<Dependencies, 'bucketMaintenance' | 'nowMs' | 'publications'>;

/**
 * Deletes what nothing needs of derived and fetched datasets, once a day: superseded generations after `keepSuperseded`; and, after seven
 * days, what was never published, records of builds, responses and text files that nothing names. What pointers and catalogues name
 * stays, as does all that publications were built from.
 */
export async function pruneGraph(
  deps: PruneDependencies,
  graph: OpenGraph,
  names: readonly string[],
  { signal, onDeleted }: Pick<PruneContext, 'signal' | 'onDeleted'>,
): Promise<void> {
  let pinned: PinnedGenerations | undefined;
  for (const name of names) {
    const definition = graph.derived[name] ?? graph.fetched[name];
    if (definition === undefined) continue;
    const files = graph.filesOf(name);
    const nowMs = (await sharedTime(deps, files.store.bucket, { signal })).getTime();
    if (!isPruningDue(await findDocument(prunedFile(files), signal), nowMs)) continue;
    pinned ??= new PinnedGenerations(deps, nowMs);
    const found = pinned;
    const context = {
      catalogued: await findCatalogued(deps, name),
      pins: (each: AbortSignal) => found.of(name, each),
      ...{ signal, onDeleted },
    };
    const { keepSuperseded } = definition;
    const generations = await prunableGenerations(context, { files, keepSuperseded }, nowMs);
    await deleteObjects(
      files,
      generations.flatMap(({ objects }) => objects),
      context,
    );
    await pruneRecords(context, files, nowMs);
    await pruneTexts(context, files, nowMs);
    await pruneExchanged(context, files, nowMs);
    await notePruned(files, nowMs, 0, signal);
  }
}

const isOld = ({ modifiedMs }: ListedObject, nowMs: number) =>
  modifiedMs !== undefined && nowMs - modifiedMs > UNREFERENCED_MS;

interface FoundRecords {
  /** By id. */
  readonly records: Map<string, ListedObject>;
  readonly responses: ListedObject[];
}

/** Records of builds, and responses, that neither a generation that is there nor a pointer or publication names. */
async function pruneRecords(context: PruneContext, files: DatasetFiles, nowMs: number): Promise<void> {
  const { signal } = context;
  const byPartition = new Map<string, FoundRecords>();
  for await (const object of files.store.list(partitionsDirectory(files.at), { signal })) {
    const built = builtOfKey(files.at, object.key);
    if (built === undefined) continue;
    const own = byPartition.get(built.partition) ?? {
      records: new Map<string, ListedObject>(),
      responses: [],
    };
    byPartition.set(built.partition, own);
    if ('record' in built) own.records.set(built.record, object);
    else own.responses.push(object);
  }
  const isAnyOld = ({ records, responses }: FoundRecords) =>
    [...records.values(), ...responses].some((object) => isOld(object, nowMs));
  const candidates = [...byPartition].filter(([, own]) => own.records.size > 1 && isAnyOld(own));
  if (candidates.length === 0) return;
  // After the listing: what is published later names records that are not old.
  const pointers = await publishedPartitions(files, signal);
  const { records: pinned } = await context.pins(signal);
  for (const [partition, { records, responses }] of candidates) {
    const named = await namedRecords(files, partition, pointers.get(partition), pinned, signal);
    const gone = [...records].filter(([id, object]) => !named.has(id) && isOld(object, nowMs));
    if (gone.length === 0) continue;
    const kept = new Set<string>();
    for (const id of responses.length === 0 ? [] : records.keys()) {
      if (gone.some(([other]) => other === id)) continue;
      const record = await findDocument(buildRecord(files, partition, id), signal);
      for (const { key } of record?.responses ?? []) kept.add(key);
    }
    const unnamed = responses.filter((object) => !kept.has(object.key) && isOld(object, nowMs));
    // Records last, so that a later call finds the responses again.
    await deleteObjects(files, [...unnamed, ...gone.map(([, object]) => object)], context);
  }
}

async function namedRecords(
  files: DatasetFiles,
  partition: string,
  pointer: Pointer | undefined,
  pinned: Pins['records'],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  // A generation has the id of the record that made it.
  const ids = (await generationNames(files, partition, signal)).map(({ id }) => id);
  const current = pointer?.built?.record;
  return new Set([...ids, ...(current === undefined ? [] : [current]), ...(pinned.get(partition) ?? [])]);
}

/** Text files that no generation that is there names. */
async function pruneTexts(context: PruneContext, files: DatasetFiles, nowMs: number): Promise<void> {
  const { signal } = context;
  const pointers = await publishedPartitions(files, signal);
  for await (const { partition, objects } of textsByPartition(files, signal)) {
    const { texts } = pointers.get(partition) ?? {};
    const old = objects.filter((object) => isOld(object, nowMs));
    if (old.length === 0 || objects.length === texts?.files) continue;
    const directory = textsDirectory(files.at, partition);
    const named = new Set<string>();
    for (const each of await generationNames(files, partition, signal))
      for (const { name } of (await findTextIndex(files, { ...each, partition }, signal)) ?? [])
        named.add(directory + name);
    await deleteObjects(
      files,
      old.filter(({ key }) => !named.has(key)),
      context,
    );
  }
}

/** What dead builds left of what they exchanged with a warehouse. */
async function pruneExchanged(context: PruneContext, files: DatasetFiles, nowMs: number): Promise<void> {
  const { signal } = context;
  for (const directory of [copiesDirectory(files.at), unloadsDirectory(files.at)]) {
    const old: ListedObject[] = [];
    for await (const object of files.store.list(directory, { signal }))
      if (isOld(object, nowMs)) old.push(object);
    await deleteObjects(files, old, context);
  }
}
