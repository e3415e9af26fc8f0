import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import {
  checksumKeys,
  dataFileKey,
  dataFolder,
  filesKey,
  summaryKey,
} from '../../pipeline/export/export-keys.ts';
import { ExportFile, ExportSummary } from '../../pipeline/export/export-manifest.ts';

/** A data file of an export: what the manifest says of it, and where it is. */
export interface ListedFile extends ExportFile {
  readonly key: string;
}

interface ExportPlace {
  readonly prefix: string;
  readonly id: string;
}

const REQUEST_ANOTHER = 'Restore the object, or use another export.';

export const damagedExport = (store: ObjectStore, key: string, how: string): Terminal =>
  new Terminal('ExportDamaged', `s3://${store.bucket}/${key} of the export ${how}. ${REQUEST_ANOTHER}`);

export const missingInExport = (store: ObjectStore, key: string): Terminal =>
  new Terminal(
    'ExportIncomplete',
    `The export has no s3://${store.bucket}/${key}. If the export is still in progress, wait until DynamoDB shows it ` +
      'as COMPLETED; else restore the object, or use another export.',
  );

/**
 * The summary of an export.
 * @throws Terminal `ExportIncomplete` if there is none, `ExportDamaged`
 */
export async function readSummary(
  store: ObjectStore,
  at: ExportPlace,
  signal: AbortSignal,
): Promise<ExportSummary> {
  const key = summaryKey(at);
  const { text } = await checkedText(store, key, signal);
  return parsed(ExportSummary, text, (how) => damagedExport(store, key, how));
}

/**
 * The data files that an export lists, in its order.
 * @param filesMd5 the checksum that an earlier reader found, if there was one
 * @throws Terminal `ExportIncomplete`, `ExportDamaged`
 */
export async function readFiles(
  store: ObjectStore,
  at: ExportPlace,
  signal: AbortSignal,
  filesMd5?: string,
): Promise<{ readonly files: readonly ListedFile[]; readonly md5: string }> {
  const key = filesKey(at);
  const { text, md5 } = await checkedText(store, key, signal);
  if (filesMd5 !== undefined && md5 !== filesMd5) {
    throw damagedExport(store, key, 'is no longer the manifest that the run was planned with');
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const files = lines.map((line, index) => {
    const damaged = (how: string) => damagedExport(store, key, `${how} in line ${index + 1}`);
    const file = parsed(ExportFile, line, damaged);
    return { ...file, key: dataFileKey(at.prefix, file.dataFileS3Key) };
  });
  const twice = files.find(({ key: file }, index) => files.findIndex((other) => other.key === file) < index);
  if (twice !== undefined) throw damagedExport(store, key, `lists ${twice.dataFileS3Key} twice`);
  return { files, md5 };
}

/**
 * Checks an export before anything is read: its files are those that the manifest lists, no more and no fewer, and their
 * items are as many as the summary says.
 * @param folder the one that has them. Default: that of a full export
 * @throws Terminal `ExportIncomplete`, `ExportDamaged`
 */
export async function refuseOtherFiles(
  store: ObjectStore,
  at: ExportPlace,
  { files, items }: { readonly files: readonly ListedFile[]; readonly items: number },
  signal: AbortSignal,
  folder = dataFolder(at),
): Promise<void> {
  const listed = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (listed !== items) {
    const how = `lists files of ${listed} items, but the summary has an itemCount of ${items}`;
    throw damagedExport(store, filesKey(at), how);
  }
  const missing = new Set(files.map(({ key }) => key));
  for await (const { key } of store.list(folder, { signal })) {
    if (!missing.delete(key) && !key.endsWith('/')) {
      throw damagedExport(store, key, 'is not a file that manifest-files.json lists');
    }
  }
  const [first] = missing;
  if (first !== undefined) throw missingInExport(store, first);
}

/** The text of a manifest that has the MD5 in the file beside it. */
async function checkedText(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly md5: string }> {
  const object = await store.get(key, { signal });
  if (object === undefined) throw missingInExport(store, key);
  const keys = checksumKeys(key);
  const found = await Promise.all(keys.map((each) => store.get(each, { signal })));
  const checksum = found.find((each) => each !== undefined);
  if (checksum === undefined) throw missingInExport(store, keys[0] as string);
  const hash = createHash('md5').update(object.body).digest();
  const expected = Buffer.from(checksum.body).toString('utf8').trim();
  if (![hash.toString('base64'), hash.toString('hex')].includes(expected)) {
    throw damagedExport(store, key, `has the MD5 ${hash.toString('base64')}, not ${expected}`);
  }
  return { text: Buffer.from(object.body).toString('utf8'), md5: hash.toString('base64') };
}

function parsed<T>(schema: z.ZodType<T>, text: string, damaged: (how: string) => Terminal): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged('is not JSON');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(`does not have the documented form: ${issue?.message} at ${issue?.path.join('.')}`);
}
