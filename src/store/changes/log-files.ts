import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import {
  type ChangesLocation,
  changesDirectory,
  gapsDirectory,
  logCheckpointKey,
  logCheckpointOf,
  logCheckpointPrefix,
  shardKey,
  shardsDirectory,
} from '../../pipeline/changes/change-directory.ts';
import type { Epoch, Gap, LogCheckpoint, LogShard } from '../../pipeline/changes/log-documents.ts';
import { anyWriter, claim, writtenBy } from '../claim.ts';
import { type Document, findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import {
  type ChangeLog,
  epochDocument,
  gapDocument,
  logCheckpointDocument,
  shardDocument,
} from './log-documents.ts';

/**
 * What a change log in S3 consists of. Everything in it is written once, so any number of readers and writers may work on
 * it at once. All functions throw Terminal `DamagedFile` for a document that cannot be read.
 */

/** Documents that are read at once. */
const READS_AT_ONCE = 16;

/** Opens the log of an epoch. @returns its document: that of the first caller */
export async function claimEpoch(log: ChangeLog, epoch: Epoch, signal: AbortSignal): Promise<Epoch> {
  return (await claim(epochDocument(log), epoch, anyWriter, signal)).value;
}

/** Undefined if the log was never opened. */
export function findEpoch(log: ChangeLog, signal?: AbortSignal): Promise<Epoch | undefined> {
  return findDocument(epochDocument(log), signal);
}

/** The epochs of a pipeline's log, in byte order. One whose opening was interrupted has no document. */
export async function listEpochs(
  store: ObjectStore,
  at: ChangesLocation,
  signal?: AbortSignal,
): Promise<string[]> {
  const directory = changesDirectory(at);
  const epochs: string[] = [];
  for await (const { key } of store.list(directory, { delimiter: '/', signal })) {
    const name = key.slice(directory.length, -1);
    if (!name.startsWith('_')) epochs.push(name);
  }
  return epochs;
}

/** Adds a shard. @returns its document: that of the first caller */
export async function claimShard(log: ChangeLog, shard: LogShard, signal: AbortSignal): Promise<LogShard> {
  return (await claim(shardDocument(log, shard.shard), shard, anyWriter, signal)).value;
}

/** Undefined if the log does not have the shard. */
export function findShard(
  log: ChangeLog,
  shard: string,
  signal?: AbortSignal,
): Promise<LogShard | undefined> {
  return findDocument(shardDocument(log, shard), signal);
}

/** The ids of all shards of the log, in byte order, from one listing. */
export async function listShards({ store, at }: ChangeLog, signal?: AbortSignal): Promise<string[]> {
  const directory = shardsDirectory(at);
  const shards: string[] = [];
  for await (const { key } of store.list(directory, { delimiter: '/', signal }))
    shards.push(key.slice(directory.length, -1));
  return shards;
}

/**
 * The documents of all shards of the log, in byte order of their ids.
 * @param known documents that the caller has already; they are not read again
 */
export async function readShards(
  log: ChangeLog,
  known: ReadonlyMap<string, LogShard> = new Map(),
  signal?: AbortSignal,
): Promise<LogShard[]> {
  const ids = await listShards(log, signal);
  const found = new Map<string, LogShard>(known);
  const unread = ids.filter((id) => !known.has(id));
  await forEachLimited(unread, READS_AT_ONCE, async (id) => {
    const shard = await findShard(log, id, signal);
    if (shard !== undefined) found.set(id, shard);
  });
  return ids.flatMap((id) => found.get(id) ?? []);
}

/**
 * The numbers of a shard's checkpoints, in order. Retention may have removed the first ones, never the last.
 * @param after only later ones
 */
export async function listLogCheckpoints(
  { store, at }: ChangeLog,
  shard: string,
  after = 0,
  signal?: AbortSignal,
): Promise<number[]> {
  const place = { ...at, shard };
  const numbers: number[] = [];
  const startAfter = logCheckpointKey(place, after);
  for await (const { key } of store.list(logCheckpointPrefix(place), { startAfter, signal })) {
    const number = logCheckpointOf(key);
    if (number !== undefined) numbers.push(number);
  }
  return numbers;
}

/**
 * The same, for a reader that has everything before them.
 * @param after the last one that it has; 0: none, so that it needs the shard from its beginning
 * @throws Terminal `LogDeleted` if the next one was deleted
 */
export async function nextLogCheckpoints(
  log: ChangeLog,
  shard: string,
  after: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const numbers = await listLogCheckpoints(log, shard, after, signal);
  const [next] = numbers;
  if (next === undefined || next === after + 1) return numbers;
  throw logDeleted(log, shard, `has checkpoints from ${next} on, and checkpoint ${after + 1} is needed`);
}

/** @param shard one that is needed, and has left the log; undefined: none @throws Terminal `LogDeleted` */
export function refuseMissing(log: ChangeLog, shard: string | undefined): void {
  if (shard !== undefined) throw logDeleted(log, shard, 'is needed');
}

function logDeleted({ store, at }: ChangeLog, shard: string, what: string): Terminal {
  return new Terminal(
    'LogDeleted',
    `The change log at s3://${store.bucket}/${shardKey({ ...at, shard })} ${what}: it was deleted. Refresh the ` +
      'destination; its changes are then applied from where the refresh began.',
  );
}

/** @throws Terminal `FileMissing` if there is no such checkpoint */
export async function readLogCheckpoint(
  log: ChangeLog,
  shard: string,
  number: number,
  signal?: AbortSignal,
): Promise<LogCheckpoint> {
  const at = logCheckpointDocument(log, shard, number);
  const found = await findDocument(at, signal);
  if (found === undefined) throw missing(at, `checkpoint ${number} of shard ${shard}`);
  return found;
}

/** The documents of a shard's checkpoints, in order. @param after only later ones */
export async function readLogCheckpoints(
  log: ChangeLog,
  shard: string,
  after = 0,
  signal?: AbortSignal,
): Promise<LogCheckpoint[]> {
  const numbers = await listLogCheckpoints(log, shard, after, signal);
  const found = new Map<number, LogCheckpoint>();
  await forEachLimited(numbers, READS_AT_ONCE, async (number) => {
    found.set(number, await readLogCheckpoint(log, shard, number, signal));
  });
  return numbers.map((number) => found.get(number) as LogCheckpoint);
}

/** Where reading a shard resumes. Undefined if it has no checkpoint. @param after one that is known to exist */
export async function lastLogCheckpoint(
  log: ChangeLog,
  shard: string,
  after = 0,
  signal?: AbortSignal,
): Promise<LogCheckpoint | undefined> {
  const numbers = await listLogCheckpoints(log, shard, after, signal);
  const last = numbers.at(-1) ?? after;
  return last === 0 ? undefined : readLogCheckpoint(log, shard, last, signal);
}

/** The fence. @returns whether the caller's checkpoint was written, and the one that is there now */
export function claimLogCheckpoint(
  log: ChangeLog,
  checkpoint: LogCheckpoint,
  signal: AbortSignal,
): Promise<{ readonly won: boolean; readonly value: LogCheckpoint }> {
  const { shard, number, attempt } = checkpoint;
  return claim(logCheckpointDocument(log, shard, number), checkpoint, writtenBy(attempt), signal);
}

/** Records that something was lost. @returns the gap: that of the first caller */
export async function claimGap(log: ChangeLog, gap: Gap, signal: AbortSignal): Promise<Gap> {
  return (await claim(gapDocument(log, gap.id), gap, anyWriter, signal)).value;
}

/** Undefined if the log has no such gap. */
export function findGap(log: ChangeLog, id: string, signal?: AbortSignal): Promise<Gap | undefined> {
  return findDocument(gapDocument(log, id), signal);
}

/**
 * All gaps of the log, in the order in which they were noticed.
 * @param known documents that the caller has already; they are not read again
 */
export async function readGaps(
  log: ChangeLog,
  known: ReadonlyMap<string, Gap> = new Map(),
  signal?: AbortSignal,
): Promise<Gap[]> {
  const directory = gapsDirectory(log.at);
  const gaps: Gap[] = [];
  for await (const { key } of log.store.list(directory, { signal })) {
    const id = key.slice(directory.length, -'.json'.length);
    const gap = known.get(id) ?? (await findDocument(gapDocument(log, id), signal));
    if (gap !== undefined) gaps.push(gap);
  }
  return gaps.sort((a, b) => (a.noticedAt < b.noticedAt ? -1 : a.noticedAt > b.noticedAt ? 1 : 0));
}

function missing({ store, key, remedy }: Document<unknown>, what: string): Terminal {
  return new Terminal('FileMissing', `${what} is not at s3://${store.bucket}/${key}. ${remedy}`);
}
