import type { ReadFrom, ReadOrder } from '../../pipeline/apply/read-order.ts';
import { LastImages } from '../../store/changes/last-images.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { nextLogCheckpoints, readLogCheckpoint } from '../../store/changes/log-files.ts';
import { takeLastImages } from '../../store/changes/record-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { type ImageReading, madeOtherwise, type Otherwise } from './image-reading.ts';

/** Shards that are read at once. A checkpoint has at most `changes.cutBytes`, so this bounds what exceeds `applyBytes`. */
const SHARDS_AT_ONCE = 4;
const LISTS_AT_ONCE = 16;

export interface GatheredChanges {
  readonly images: LastImages;
  /** The checkpoints that were taken. */
  readonly checkpoints: number;
  /** What is otherwise in a checkpoint that comes next than in the schema; absent if nothing is. */
  readonly otherwise?: Otherwise;
  /** What the log has beyond them. */
  readonly left: LeftInLog;
}

/** What of a log is recorded and not applied. */
export interface LeftInLog {
  readonly checkpoints: number;
  readonly bytes: number;
  readonly changes: number;
  /** When its oldest change happened, in seconds since 1970; absent if nothing is left. */
  readonly oldest?: number;
}

/** The checkpoints after a place, as one listing found them. */
interface ShardLeft {
  readonly from: ReadFrom;
  readonly numbers: number[];
}

/**
 * Takes whole checkpoints of the shards that may be read, in turns, until the images hold `applyBytes` or nothing is left.
 * What is recorded while it reads is left for the next round.
 * @throws Terminal `FileMissing`, `DamagedFile`
 */
export async function gatherChanges(
  log: ChangeLog,
  order: ReadOrder,
  reading: Pick<ImageReading, 'key' | 'logKeyId' | 'withheldId'>,
  { applyBytes, signal, onStep }: { applyBytes: number; signal: AbortSignal; onStep: () => void },
): Promise<GatheredChanges> {
  const images = new LastImages(reading.key);
  const left = new Map<string, ShardLeft>();
  const waiting = new Map<string, Otherwise>();
  let checkpoints = 0;
  const isFull = () => images.heldBytes >= applyBytes;
  for (;;) {
    await listNew(log, order, left, signal);
    const open = [...left.values()].filter(
      ({ from, numbers }) => numbers.length > 0 && !waiting.has(from.shard),
    );
    if (open.length === 0 || isFull()) break;
    await forEachLimited(open, SHARDS_AT_ONCE, async ({ from: { shard }, numbers }) => {
      if (isFull()) return;
      const checkpoint = await readLogCheckpoint(log, shard, numbers[0] as number, signal);
      if (checkpoint.gap !== undefined) {
        order.metGap(shard, checkpoint.gap);
        // What comes after it never becomes a row before a refresh.
        numbers.length = 0;
        return;
      }
      const otherwise = madeOtherwise(checkpoint, reading);
      if (otherwise !== undefined) {
        waiting.set(shard, otherwise);
        return;
      }
      await takeLastImages(log, checkpoint, images, signal);
      numbers.shift();
      order.took(checkpoint);
      checkpoints++;
      onStep();
    });
  }
  // A refresh that is made of another mapping may hash otherwise, too.
  const [first] = [...waiting.values()].sort().reverse();
  return {
    ...{ images, checkpoints, left: await sizeOf(log, [...left.values()], signal) },
    ...(first === undefined ? {} : { otherwise: first }),
  };
}

/** Lists the checkpoints of shards that may be read and were not listed before. */
async function listNew(
  log: ChangeLog,
  order: ReadOrder,
  left: Map<string, ShardLeft>,
  signal: AbortSignal,
): Promise<void> {
  const unlisted = order.readable().filter(({ shard }) => !left.has(shard));
  await forEachLimited(unlisted, LISTS_AT_ONCE, async (from) => {
    left.set(from.shard, { from, numbers: await nextLogCheckpoints(log, from.shard, from.after, signal) });
  });
}

/** What the log has that a schema with these positions may read now. */
export async function leftInLog(log: ChangeLog, order: ReadOrder, signal: AbortSignal): Promise<LeftInLog> {
  const left = new Map<string, ShardLeft>();
  await listNew(log, order, left, signal);
  return sizeOf(log, [...left.values()], signal);
}

/** The first checkpoint of each shard has its oldest change; the totals of the first and the last count all between them. */
async function sizeOf(log: ChangeLog, left: readonly ShardLeft[], signal: AbortSignal): Promise<LeftInLog> {
  const sum = { checkpoints: 0, bytes: 0, changes: 0, oldest: Number.POSITIVE_INFINITY };
  await forEachLimited(left, LISTS_AT_ONCE, async ({ from: { shard }, numbers }) => {
    const [first, last] = [numbers[0], numbers.at(-1)];
    if (first === undefined || last === undefined) return;
    const oldest = await readLogCheckpoint(log, shard, first, signal);
    const newest = first === last ? oldest : await readLogCheckpoint(log, shard, last, signal);
    sum.checkpoints += numbers.length;
    sum.bytes += newest.total.bytes - oldest.total.bytes + (oldest.file?.bytes ?? 0);
    sum.changes += newest.total.records - oldest.total.records + (oldest.file?.records ?? 0);
    sum.oldest = Math.min(sum.oldest, oldest.times?.first ?? sum.oldest);
  });
  const { oldest, ...counted } = sum;
  return { ...counted, ...(Number.isFinite(oldest) ? { oldest } : {}) };
}
