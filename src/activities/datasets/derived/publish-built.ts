import { isDeepStrictEqual } from 'node:util';
import type { ETag } from '../../../clients/object-store.ts';
import type { BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import { dataFileKey, generationName } from '../../../pipeline/datasets/dataset-directory.ts';
import { filesHash } from '../../../pipeline/datasets/derived/files-hash.ts';
import type { BuildRecord, Pointer, PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { versionsHash } from '../../../pipeline/datasets/graph/input-versions.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { typeText } from '../../../pipeline/datasets/records/column-type.ts';
import { claim } from '../../../store/claim.ts';
import {
  buildRecord,
  type DatasetFiles,
  pointer,
  publishedGeneration,
} from '../../../store/datasets/dataset-documents.ts';
import { upload } from '../../../store/datasets/local-files.ts';
import { movePointer } from '../../../store/datasets/move-pointer.ts';
import { findVersion } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { checkFolder } from '../publish-generation.ts';
import { isGenerationWhole } from './graph-state.ts';

/** The current pointer of a partition. */
export interface CurrentPointer {
  readonly value: Pointer;
  readonly etag: ETag;
  /** Its files are as they were written. */
  readonly isWhole: boolean;
}

/** A partition that was made on the local disk. */
export interface MadePartition {
  /** What it was made from. */
  readonly record: Pick<BuildRecord, 'code' | 'sql' | 'inputs' | 'warnings' | 'responses'>;
  readonly columns: readonly TableColumn[];
  readonly content: PublishedGeneration['content'];
  /** Its data file; absent if it has no rows. */
  readonly path: string | undefined;
}

interface Place {
  readonly deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>;
  readonly files: DatasetFiles;
  readonly partition: string;
  /** The time for which it was made, in milliseconds since 1970. */
  readonly ms: number;
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/** Undefined if the partition is not published. */
export async function currentPointer({
  files,
  partition,
  signal,
}: Pick<Place, 'files' | 'partition' | 'signal'>): Promise<CurrentPointer | undefined> {
  const current = await findVersion(pointer(files, partition), signal);
  if (current === undefined) return undefined;
  return { ...current, isWhole: await isGenerationWhole(files, partition, current.value, signal) };
}

/**
 * Publishes a partition, with a record of what it was made from. If it has the rows that it had, the generation stays, and its
 * pointer names the new record.
 * @returns undefined if another generation was published meanwhile
 */
export async function publishBuilt(
  place: Place,
  current: CurrentPointer | undefined,
  made: MadePartition,
): Promise<BuildPartitionResult | undefined> {
  const { deps, files, newId, signal, partition, ms } = place;
  const builtAt = (await sharedTime(deps, files.store.bucket, { signal })).toISOString();
  const record: BuildRecord = {
    ...{ version: 1, id: newId(), builtAt, for: new Date(ms).toISOString() },
    ...made.record,
  };
  await claim(buildRecord(files, partition, record.id), record, ({ id }) => id === record.id, signal);
  const isUnchanged = current?.isWhole === true && isDeepStrictEqual(current.value.content, made.content);
  const next = isUnchanged ? again(current.value, record) : await generationOf(place, current, made, record);
  if (!(await movePointer(files, partition, next, current?.etag, signal))) return undefined;
  const { warnings } = record;
  return {
    ...{ partition, generation: next.generation, rows: next.content.rows, isUnchanged },
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

const again = (before: Pointer, record: BuildRecord): Pointer => ({
  ...before,
  revision: before.revision + 1,
  publishedAt: record.builtAt,
  built: { ...builtOf(record), files: before.built?.files ?? filesHash([]) },
});

async function generationOf(
  { files, partition, signal }: Place,
  current: CurrentPointer | undefined,
  { path, content, columns }: MadePartition,
  record: BuildRecord,
): Promise<Pointer> {
  const { id, builtAt } = record;
  const generation = (current?.value.generation ?? 0) + 1;
  const written: PublishedGeneration['files'] = [];
  if (path !== undefined) {
    const key = dataFileKey(files.at, partition, generationName(generation, id), 0);
    written.push({ ...(await upload(files.store, path, key, signal)), rows: content.rows });
  }
  const document: PublishedGeneration = {
    ...{ version: 1, partition, generation, id, builtAt, content, files: written },
    columns: columns.map(({ name, type }) => ({ name, type: typeText(type) })),
  };
  await checkFolder(files, document, signal);
  await claim(publishedGeneration(files, partition, document), document, (found) => found.id === id, signal);
  return {
    ...{ version: 1, revision: (current?.value.revision ?? 0) + 1, generation, id },
    ...{ publishedAt: builtAt, content },
    built: { ...builtOf(record), files: filesHash(written) },
  };
}

/** Of the versions that make a partition stale. */
export const inputsHash = (inputs: BuildRecord['inputs']): string =>
  versionsHash(inputs.filter(({ isReference }) => !isReference));

const builtOf = ({ id, code, inputs }: BuildRecord) => ({ code, inputs: inputsHash(inputs), record: id });
