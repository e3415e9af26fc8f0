import { Context } from '@temporalio/activity';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { copyOptions } from '../../pipeline/loader/copy-options.ts';
import { batchManifestKey } from '../../pipeline/loader/loader-directory.ts';
import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchFile, BatchLoad, FileGroup } from '../../pipeline/merge/batch-load.ts';
import { fileListBody, needsFileList } from '../../pipeline/merge/file-list.ts';
import { batchManifestBody } from '../../pipeline/merge/staging.ts';
import { JSON_FILE } from '../../store/document.ts';
import { type OpenBatch, readBatch } from './open-batch.ts';
import { stagedOf } from './plan-load.ts';
import type { ReadyTarget } from './prepare-target.ts';
import { knownFiles } from './unloaded-files.ts';

/**
 * Describes the load of a batch, and writes the manifests and lists that its COPYs read. What is the same has the same key,
 * so that another attempt submits the same statements.
 * @param files how each file is read
 */
export async function describeLoad(
  open: OpenBatch,
  { target, version }: ReadyTarget,
  groups: readonly CopyGroup[],
  files: ReadonlyMap<SourceFile, BatchFile>,
): Promise<BatchLoad> {
  const { definition, batch, store } = open;
  const staged: FileGroup[] = [];
  for (const group of groups) {
    const read = group.files.flatMap((file) => files.get(file) ?? []);
    staged.push({
      format: group.format.kind,
      columns: stagedOf(group, target, definition.merge),
      copyOptions: copyOptions(group.format, group.compression),
      manifestKey: await put(open, batchManifestBody(read), '.manifest'),
    });
  }
  const lists = { files: [...files.values()], superseded: await superseded(open, target) };
  return {
    ...lists,
    target,
    version,
    tableId: target.tableId,
    merge: definition.merge,
    batch: batch.batch,
    attempt: Context.current().info.workflowExecution?.runId ?? '',
    groups: staged,
    bucket: store.bucket,
    fileListKey: needsFileList(lists) ? await put(open, fileListBody(lists), '.csv') : undefined,
    iamRole: definition.target.iamRole,
    region: definition.target.region,
    replace: batch.replace,
  };
}

async function put({ store, at, batch, signal }: OpenBatch, body: string, suffix: string): Promise<string> {
  const key = batchManifestKey(at, batch.batch, `${fingerprint(body, 16)}${suffix}`);
  await store.put(key, body, { signal, ...(suffix === '.csv' ? {} : JSON_FILE) });
  return key;
}

/** Earlier files, of batches and of the inbox, that a replacement makes unnecessary, as far as they are not loaded. */
async function superseded(open: OpenBatch, target: ReadyTarget['target']): Promise<BatchFile[]> {
  const files = new Map<string, SourceFile>();
  for (const batch of open.batch.supersedes ?? []) {
    for (const file of (await readBatch(open, batch)).files) files.set(fileId(file), file);
  }
  for (const file of open.batch.supersededFiles ?? []) files.set(fileId(file), file);
  for (const file of open.batch.files) files.delete(fileId(file));
  if (files.size === 0) return [];
  const known = await knownFiles(open, target, [...files.values()]);
  return [...files].flatMap(([id, file]) => (known.has(id) ? [] : [originalOf(file)]));
}

/** A file that COPY reads where it is. */
export const originalOf = ({ bucket, key, etag, bytes }: SourceFile): BatchFile => ({
  bucket,
  key,
  etag,
  bytes,
});
