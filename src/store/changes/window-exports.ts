import { z } from 'zod';
import {
  type ShardLocation,
  windowExportKey,
  windowExportsDirectory,
} from '../../pipeline/changes/change-directory.ts';
import { anyWriter, claim } from '../claim.ts';
import { type Document, findDocument } from '../document.ts';
import type { ChangeLog } from './log-documents.ts';

/** `export-<nth>.json`: an export of a window that was requested, so that every attempt waits for the same one. */
const WindowExport = z.object({ version: z.literal(1), arn: z.string() });

const documentOf = (
  { store, at }: ChangeLog,
  shard: string,
  nth: number,
): Document<{ version: 1; arn: string }> => ({
  store,
  key: windowExportKey({ ...at, shard }, nth),
  schema: WindowExport,
  remedy: 'Delete it: the window is then exported again.',
});

/** The export’s ARN; undefined if it was not requested. @param nth of the window's exports, from 1 */
export async function findWindowExport(
  log: ChangeLog,
  shard: string,
  nth: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await findDocument(documentOf(log, shard, nth), signal))?.arn;
}

/** Notes that it was requested. @returns the ARN that the first caller noted */
export async function claimWindowExport(
  log: ChangeLog,
  shard: string,
  nth: number,
  arn: string,
  signal: AbortSignal,
): Promise<string> {
  return (await claim(documentOf(log, shard, nth), { version: 1, arn }, anyWriter, signal)).value.arn;
}

const exportsOfShard = (at: ShardLocation) => `${windowExportsDirectory(at)}${at.epoch}/${at.shard}/`;

/** Where DynamoDB writes the n-th export of a window: nothing else is below it. Without a slash at its end. */
export const windowExportPrefix = (at: ShardLocation, nth: number): string => `${exportsOfShard(at)}${nth}`;

const KEYS_PER_DELETE = 1_000;

/** Deletes what was exported of a window, once it is in the log. */
export async function removeWindowExports(
  { store, at }: ChangeLog,
  shard: string,
  signal: AbortSignal,
): Promise<void> {
  let keys: string[] = [];
  for await (const { key } of store.list(exportsOfShard({ ...at, shard }), { signal })) {
    keys.push(key);
    if (keys.length < KEYS_PER_DELETE) continue;
    await store.delete(keys, { signal });
    keys = [];
  }
  if (keys.length > 0) await store.delete(keys, { signal });
}
