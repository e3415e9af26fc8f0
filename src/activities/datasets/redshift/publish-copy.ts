import { join } from 'node:path';
import { Terminal, Transient } from '../../../clients/errors.ts';
import type { BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import { unloadDirectory } from '../../../pipeline/datasets/dataset-directory.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import type { BuildRecord } from '../../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { contentSql } from '../../../pipeline/datasets/redshift/content-sql.ts';
import { guardRecord, type PartitionRecord } from '../../../pipeline/datasets/redshift/partition-records.ts';
import { partitionValue } from '../../../pipeline/datasets/redshift/step-transaction.ts';
import {
  fromUnloaded,
  UnloadManifest,
  unloadedColumns,
  unloadSql,
} from '../../../pipeline/datasets/redshift/unload.ts';
import { bareEtag } from '../../../pipeline/loader/source-file.ts';
import { guard } from '../../../pipeline/sql/guard.ts';
import { qualified, quoteLiteral } from '../../../pipeline/sql/identifier.ts';
import { buildRecord, type DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { download } from '../../../store/datasets/local-files.ts';
import { findDocument, findVersion, putVersion } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { randomToken } from '../../sql/random-token.ts';
import { GuardFailed, runTransaction } from '../../sql/transaction.ts';
import { asStored } from '../derived/build-derived.ts';
import { type CurrentPointer, publishRecorded } from '../derived/publish-built.ts';
import { inStepDirectory } from '../step-directory.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

export interface CopyPlace {
  readonly deps: Pick<Dependencies, 'tableEngine'>;
  readonly files: DatasetFiles;
  /** Its path. */
  readonly partition: string;
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/** The record of a build in S3, with the warnings that the warehouse has. Undefined if it is gone. */
export async function recordInStore(
  { files, partition, signal }: CopyPlace,
  { id, warnings }: Pick<PartitionRecord, 'id' | 'warnings'>,
): Promise<BuildRecord | undefined> {
  const document = buildRecord(files, partition, id);
  const found = await findVersion(document, signal);
  if (found === undefined || warnings.length === found.value.warnings.length) return found?.value;
  const complete = { ...found.value, warnings: [...warnings] };
  // Another process writes the same.
  await putVersion(document, complete, found.etag, signal);
  return complete;
}

/**
 * Publishes the rows that the table has of a partition: unloads them, sorts them into one file, and moves the pointer.
 * @returns `changed` if the table's rows are not those of the record; undefined if the pointer was moved meanwhile
 */
export async function publishCopy(
  place: CopyPlace,
  open: OpenWarehouse,
  definition: DerivedDefinition,
  {
    current,
    found,
    record,
  }: {
    readonly current: CurrentPointer | undefined;
    readonly found: PartitionRecord;
    readonly record: BuildRecord;
  },
): Promise<BuildPartitionResult | 'changed' | undefined> {
  const { deps, files, newId, signal } = place;
  const columns = declaredColumns(definition);
  const directory = unloadDirectory(files.at, newId());
  try {
    if (!(await unload(open, definition, { found, to: `s3://${files.store.bucket}/${directory}` })))
      return 'changed';
    return await inStepDirectory(async (local) => {
      const paths = found.rows === 0 ? [] : await fetchUnloaded(files, directory, local, found.rows, signal);
      const table = {
        columns: unloadedColumns(columns),
        partitionColumns: [],
        partitions: [{ values: [], files: paths }],
      };
      const { path, content } = await deps.tableEngine.derive(
        { sql: fromUnloaded(columns, UNLOADED), tables: { [UNLOADED]: table }, columns, directory: local },
        { signal },
      );
      const id = `${nameOf(open.target)} ${found.partition}`;
      const made = await asStored(deps, definition, { id, path, content, directory: local }, signal);
      return publishRecorded(place, current, made, record);
    });
  } finally {
    await deleteBelow(files, directory);
  }
}

const UNLOADED = 'unloaded';

/** @returns false if the partition's record is another one, or the table's rows are not those that it names */
async function unload(
  { target, database, watch, signal }: OpenWarehouse,
  definition: DerivedDefinition,
  { found, to }: { readonly found: PartitionRecord; readonly to: string },
): Promise<boolean> {
  const partition = partitionValue(definition.partition, found.partition);
  const columns: readonly TableColumn[] = declaredColumns(definition);
  const statements = [
    guardRecord(target, found.partition, found),
    guard(
      `count(*) = ${found.rows} AND ${contentSql(columns)} = ${quoteLiteral(found.content)}`,
      `${qualified(target.schema, target.table)} WHERE ${partition.where}`,
    ),
    ...(found.rows === 0
      ? []
      : [
          unloadSql(target, columns, {
            partition,
            to,
            iamRole: target.iamRole,
          }),
        ]),
  ];
  try {
    await runTransaction(
      database,
      {
        name: `tributary unload ${found.partition} of ${nameOf(target)}`,
        scope: randomToken(),
        statements,
        watch,
      },
      signal,
    );
    return true;
  } catch (error) {
    if (error instanceof GuardFailed) return false;
    throw error;
  }
}

/** The files that the manifest of an UNLOAD names, on the local disk. */
async function fetchUnloaded(
  { store }: DatasetFiles,
  directory: string,
  local: string,
  rows: number,
  signal: AbortSignal,
): Promise<string[]> {
  const manifest = await findDocument({ store, key: `${directory}manifest`, schema: UnloadManifest }, signal);
  const entries = (manifest?.entries ?? []).filter(({ meta }) => meta.record_count > 0);
  const unloaded = entries.reduce((sum, { meta }) => sum + meta.record_count, 0);
  if (unloaded !== rows)
    throw new Transient(
      'WriteConflict',
      `UNLOAD wrote ${unloaded} rows to s3://${store.bucket}/${directory}, and the table has ${rows}. This is tried again.`,
    );
  const listed = new Map<string, { readonly etag: string; readonly bytes: number }>();
  for await (const { key, etag = '', bytes } of store.list(directory, { signal }))
    listed.set(`s3://${store.bucket}/${key}`, { etag: bareEtag(etag), bytes });
  const paths: string[] = [];
  for (const { url, meta } of entries) {
    const object = listed.get(url);
    if (object?.bytes !== meta.content_length)
      throw new Terminal(
        'DamagedFile',
        `${url} is not as UNLOAD wrote it. Retry the partition: it is unloaded again.`,
      );
    const path = join(local, `unloaded-${paths.length}.parquet`);
    const key = url.slice(`s3://${store.bucket}/`.length);
    await download(store, { key, ...object }, path, signal);
    paths.push(path);
  }
  return paths;
}

/** What remains costs space only. */
async function deleteBelow({ store }: DatasetFiles, directory: string): Promise<void> {
  try {
    const keys: string[] = [];
    for await (const { key } of store.list(directory)) keys.push(key);
    if (keys.length > 0) await store.delete(keys);
  } catch {
    // The next build unloads into a directory of its own.
  }
}
