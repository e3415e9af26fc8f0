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
import { findDocument, findVersion } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { checkFolder } from '../publish-generation.ts';
import { isGenerationWhole } from './graph-state.ts';
import type { MadeTexts } from './made-texts.ts';
import { putTexts } from './publish-texts.ts';

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
  /** How long that took, by the worker's clock, in milliseconds, if it was measured. */
  readonly took?: number;
  /** Its data file; absent if it has no rows, or only text. */
  readonly path: string | undefined;
  /** Its rows as text. */
  readonly texts?: MadeTexts | undefined;
}

/** In milliseconds, by the worker's clock. @param beganMs when it began */
export const tookSince = (deps: Pick<Dependencies, 'nowMs'>, beganMs: number): number =>
  Math.max(0, Math.round(deps.nowMs() - beganMs));

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
  const differs = await differsOfItself(place, current, made);
  const record: BuildRecord = {
    ...{ version: 1, id: newId(), builtAt, for: new Date(ms).toISOString() },
    ...made.record,
    warnings: withWarning(made.record.warnings, differs),
  };
  await claim(buildRecord(files, partition, record.id), record, ({ id }) => id === record.id, signal);
  return publish(place, current, made, { record, differs });
}

/** The same of a partition whose record is there. */
export async function publishRecorded(
  place: Publishing,
  current: CurrentPointer | undefined,
  made: Omit<MadePartition, 'record'>,
  record: BuildRecord,
): Promise<BuildPartitionResult | undefined> {
  const differs = await differsOfItself(place, current, { record, content: made.content });
  return publish(place, current, made, { record, differs });
}

type Publishing = Pick<Place, 'files' | 'partition' | 'signal'>;

/** @param differs whether it has other rows than before, although it was made of the same by the same step */
async function publish(
  place: Publishing,
  current: CurrentPointer | undefined,
  made: Omit<MadePartition, 'record'>,
  { record, differs }: { readonly record: BuildRecord; readonly differs: boolean },
): Promise<BuildPartitionResult | undefined> {
  const { files, partition, signal } = place;
  const isUnchanged =
    current?.isWhole === true &&
    isDeepStrictEqual(current.value.content, made.content) &&
    current.value.texts?.sha256 === made.texts?.sha256;
  const next = isUnchanged ? again(current.value, record) : await generationOf(place, current, made, record);
  const before = current?.value.built;
  const isUnstable = differs || (before?.unstable === true && before.code === record.code);
  const built: Pointer['built'] = {
    ...next.built,
    ...(made.took === undefined ? {} : { took: made.took }),
    ...(isUnstable ? { unstable: true } : {}),
  };
  if (!(await movePointer(files, partition, { ...next, built }, current?.etag, signal))) return undefined;
  const warnings = withWarning(record.warnings, differs);
  return {
    ...{ partition, generation: next.generation, rows: next.content.rows, isUnchanged },
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

type BuiltPointer = Pointer & { readonly built: NonNullable<Pointer['built']> };

const DIFFERS =
  'the same step gave other rows than before of the same inputs, so it depends on something else: the order of rows, sums of double or, in a function, the time';

/** A record that was written for this build has it already. */
const withWarning = (warnings: readonly string[], differs: boolean): string[] =>
  !differs || warnings.includes(DIFFERS) ? [...warnings] : [...warnings, DIFFERS];

/** Whether a partition has other rows than the one before, although it was made of the same by the same step. */
async function differsOfItself(
  { files, partition, signal }: Publishing,
  current: CurrentPointer | undefined,
  { record, content }: Pick<MadePartition, 'record' | 'content'>,
): Promise<boolean> {
  const before = current?.value.built;
  if (before === undefined || record.inputs.length === 0 || before.code !== record.code) return false;
  if (before.inputs !== inputsHash(record.inputs) || isDeepStrictEqual(current?.value.content, content))
    return false;
  // References are not in the hash.
  const earlier = await findDocument(buildRecord(files, partition, before.record), signal);
  return earlier !== undefined && versionsHash(earlier.inputs) === versionsHash(record.inputs);
}

const again = (before: Pointer, record: BuildRecord): BuiltPointer => ({
  ...before,
  revision: before.revision + 1,
  publishedAt: record.builtAt,
  built: { ...builtOf(record), files: before.built?.files ?? filesHash([]) },
});

async function generationOf(
  { files, partition, signal }: Publishing,
  current: CurrentPointer | undefined,
  { path, content, columns, texts: made }: Omit<MadePartition, 'record'>,
  record: BuildRecord,
): Promise<BuiltPointer> {
  const { id, builtAt } = record;
  const generation = (current?.value.generation ?? 0) + 1;
  const written: PublishedGeneration['files'] = [];
  if (path !== undefined) {
    const key = dataFileKey(files.at, partition, generationName(generation, id), 0);
    written.push({ ...(await upload(files.store, path, key, signal)), rows: content.rows });
  }
  const texts =
    made === undefined
      ? undefined
      : await putTexts(
          files,
          { partition, generation, id },
          current && { ...current.value, partition, isWhole: current.isWhole },
          made,
          signal,
        );
  const text = texts === undefined ? {} : { texts };
  const document: PublishedGeneration = {
    ...{ version: 1, partition, generation, id, builtAt, content, files: written, ...text },
    columns: columns.map(({ name, type }) => ({ name, type: typeText(type) })),
  };
  await checkFolder(files, document, signal);
  await claim(publishedGeneration(files, partition, document), document, (found) => found.id === id, signal);
  return {
    ...{ version: 1, revision: (current?.value.revision ?? 0) + 1, generation, id },
    ...{ publishedAt: builtAt, content, ...text },
    built: { ...builtOf(record), files: filesHash(written) },
  };
}

/** Of the versions that make a partition stale. */
export const inputsHash = (inputs: BuildRecord['inputs']): string =>
  versionsHash(inputs.filter(({ isReference }) => !isReference));

const builtOf = ({ id, code, inputs }: BuildRecord) => ({ code, inputs: inputsHash(inputs), record: id });
