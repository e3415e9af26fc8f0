import { Terminal } from '../../clients/errors.ts';
import type { RewindSize } from '../../contract/changes/reapply.ts';
import { rewindRange, type ShardRange, unknownParent } from '../../pipeline/apply/rewind-range.ts';
import { afterRemoved } from '../../pipeline/changes/shard-removal.ts';
import { lastHeld } from '../../pipeline/changes/start-positions.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Position } from '../../pipeline/load/positions.ts';
import { instant } from '../../pipeline/text/measures.ts';
import { LastImages } from '../../store/changes/last-images.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import {
  findEpoch,
  listLogCheckpoints,
  readGaps,
  readLogCheckpoint,
  readShards,
} from '../../store/changes/log-files.ts';
import { readRecords } from '../../store/changes/record-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { type ImageReading, madeOtherwise, type Otherwise } from './image-reading.ts';

const LISTS_AT_ONCE = 16;
const SHARDS_AT_ONCE = 4;

/**
 * What a schema has of the log since a time, to be read again. Checkpoints are taken by when they were written: all that
 * happened since then is in them.
 * @throws Terminal `CannotRewind` if the log does not have all of it
 */
export async function rewindRangeOf(
  log: ChangeLog,
  positions: readonly Position[],
  since: Date,
  signal: AbortSignal,
): Promise<ShardRange[][]> {
  const epoch = await findEpoch(log, signal);
  if (epoch === undefined) throw cannotRewind('the change log has no document for its stream any more');
  if (since.getTime() < Date.parse(epoch.openedAt)) throw tooEarly(since, new Date(epoch.openedAt));
  const shards = await readShards(log, undefined, signal);
  const unknown = unknownParent(shards, positions);
  if (unknown !== undefined)
    throw cannotRewind(
      `the tables were refreshed behind a gap, and do not say what they have of shard ${unknown}`,
    );
  await refuseGaps(log, positions, since, signal);
  const after = new Map<string, number>();
  const isLogged = new Set(shards.map(({ shard }) => shard));
  let reachesTo = 0;
  for (const { foundAt } of afterRemoved(epoch.roots, shards))
    if (since.getTime() <= Date.parse(foundAt)) reachesTo = Math.max(reachesTo, Date.parse(foundAt) + 1);
  // A shard that has left the log was written before the one after it was found.
  const left = positions.filter(({ shard, ended }) => !ended || isLogged.has(shard));
  await forEachLimited(left, LISTS_AT_ONCE, async ({ shard, checkpoint }) => {
    if (checkpoint === 0) return;
    const numbers = await listLogCheckpoints(log, shard, 0, signal);
    const held = await lastHeld(
      numbers,
      (number) => readLogCheckpoint(log, shard, number, signal),
      ({ writtenAt }) => Date.parse(writtenAt) < since.getTime(),
    );
    after.set(shard, held?.number ?? 0);
    const [first] = numbers;
    if (held !== undefined || first === 1) return;
    if (first === undefined) throw cannotRewind(`the log no longer has shard ${shard}`);
    const { writtenAt } = await readLogCheckpoint(log, shard, first, signal);
    reachesTo = Math.max(reachesTo, Date.parse(writtenAt) + 1);
  });
  if (reachesTo > 0) throw tooEarly(since, new Date(reachesTo));
  return rewindRange(shards, left, after);
}

/** Counts what a range has, by the totals of its first and last checkpoints. */
export async function sizeOfRange(
  log: ChangeLog,
  range: readonly (readonly ShardRange[])[],
  signal: AbortSignal,
): Promise<RewindSize> {
  const sum = { shards: 0, checkpoints: 0, changes: 0, bytes: 0 };
  await forEachLimited(range.flat(), LISTS_AT_ONCE, async ({ shard, after, upTo }) => {
    const first = await readLogCheckpoint(log, shard, after + 1, signal);
    const last = first.number === upTo ? first : await readLogCheckpoint(log, shard, upTo, signal);
    sum.shards++;
    sum.checkpoints += upTo - after;
    sum.changes += last.total.records - first.total.records + (first.file?.records ?? 0);
    sum.bytes += last.total.bytes - first.total.bytes + (first.file?.bytes ?? 0);
  });
  return sum;
}

/**
 * Reads a range, and keeps the last image of each key that is wanted.
 * @returns undefined if they exceed the bound
 * @throws Terminal `CannotRewind`, `FileMissing`, `DamagedFile`
 */
export async function imagesOfRange(
  log: ChangeLog,
  range: readonly (readonly ShardRange[])[],
  reading: Pick<ImageReading, 'key' | 'logKeyId' | 'withheldId'>,
  {
    isWanted,
    mostBytes,
    signal,
    onStep,
  }: {
    readonly isWanted: (key: Item) => boolean;
    readonly mostBytes: number;
    readonly signal: AbortSignal;
    readonly onStep: () => void;
  },
): Promise<LastImages | undefined> {
  const images = new LastImages(reading.key);
  const isTooMuch = () => images.size > 1 && images.heldBytes >= mostBytes;
  const readShard = async ({ shard, after, upTo }: ShardRange) => {
    for (let number = after + 1; number <= upTo && !isTooMuch(); number++) {
      const checkpoint = await readLogCheckpoint(log, shard, number, signal);
      if (checkpoint.gap !== undefined)
        throw cannotRewind(
          `changes of shard ${shard} were lost at ${instant(new Date(checkpoint.writtenAt))}`,
        );
      const otherwise = madeOtherwise(checkpoint, reading);
      if (otherwise !== undefined) throw cannotRewind(OTHERWISE[otherwise]);
      for await (const records of readRecords(log, checkpoint, signal)) {
        for (const record of records)
          if (isWanted(record.key)) images.take(record, { shard, checkpoint: number });
      }
      onStep();
    }
  };
  for (const group of range) await forEachLimited(group, SHARDS_AT_ONCE, readShard);
  if (!isTooMuch()) return images;
  images.discard();
  return undefined;
}

const OTHERWISE: Readonly<Record<Otherwise, string>> = {
  withheld:
    'the pipeline’s own mapping left out, hid or filtered otherwise then than when the tables were read',
  hashed: 'values in the log were hashed with another key then than those of the tables',
};

async function refuseGaps(
  log: ChangeLog,
  positions: readonly Position[],
  since: Date,
  signal: AbortSignal,
): Promise<void> {
  const has = new Set(positions.map(({ shard }) => shard));
  const gaps = await readGaps(log, undefined, signal);
  const between = gaps.filter(
    ({ shard, noticedAt }) =>
      shard !== undefined && has.has(shard) && Date.parse(noticedAt) >= since.getTime(),
  );
  const last = between.at(-1);
  if (last === undefined) return;
  throw cannotRewind(
    `changes were lost since ${instant(since)}: a gap was noticed at ${instant(new Date(last.noticedAt))}. ` +
      'Choose a later time',
  );
}

const tooEarly = (since: Date, reachesTo: Date) =>
  cannotRewind(
    `the log does not reach back to ${since.toISOString()}. It does from ${reachesTo.toISOString()} on: choose that ` +
      'time or a later one',
  );

/** @param why without a full stop */
export const cannotRewind = (why: string) =>
  new Terminal(
    'CannotRewind',
    `It cannot be rewound: ${why}. What changes are to be applied again for, a refresh does too: it reads the whole table.`,
  );
