import type { ChangesLag } from '../../../contract/changes/changes.ts';
import type { Epoch, LogCheckpoint } from '../../../pipeline/changes/log-documents.ts';
import type { HistoryCursor } from '../../../pipeline/history/history-directory.ts';
import { historyCursors } from '../../../store/changes/history-files.ts';
import type { ChangeLog } from '../../../store/changes/log-documents.ts';
import {
  findEpoch,
  listEpochs,
  listLogCheckpoints,
  listShards,
  nextLogCheckpoints,
  readLogCheckpoint,
} from '../../../store/changes/log-files.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import type { HistoryDestination } from './open-history.ts';

const LISTS_AT_ONCE = 16;

/** A shard with checkpoints that the history does not have. */
export interface WaitingShard {
  readonly log: ChangeLog;
  readonly epoch: Epoch;
  readonly shard: string;
  readonly cursor: HistoryCursor | undefined;
  /** In order, at least one. */
  readonly numbers: readonly number[];
}

/**
 * What a pipeline's log has and its history does not: of every epoch that the log still has. The order between shards does not
 * matter, because each file has the changes of one.
 */
export async function waitingShards(
  { history, log: { store, prefix }, pipeline }: HistoryDestination,
  signal: AbortSignal,
): Promise<WaitingShard[]> {
  const waiting: WaitingShard[] = [];
  for (const name of await listEpochs(store, { prefix, pipeline }, signal)) {
    const log: ChangeLog = { store, at: { prefix, pipeline, epoch: name } };
    const [epoch, shards, cursors] = await Promise.all([
      findEpoch(log, signal),
      listShards(log, signal),
      historyCursors(history, name, signal),
    ]);
    if (epoch === undefined) continue;
    const unended = shards.filter((shard) => cursors.get(shard)?.ended !== true);
    await forEachLimited(unended, LISTS_AT_ONCE, async (shard) => {
      const cursor = cursors.get(shard);
      // A new history begins with what the log has.
      const numbers =
        cursor === undefined
          ? await listLogCheckpoints(log, shard, 0, signal)
          : await nextLogCheckpoints(log, shard, cursor.number, signal);
      if (numbers.length > 0) waiting.push({ log, epoch, shard, cursor, numbers });
    });
  }
  return waiting;
}

/** How much that is. @param nowMs this host's clock */
export async function lagOf(
  waiting: readonly WaitingShard[],
  nowMs: number,
  signal: AbortSignal,
): Promise<ChangesLag> {
  let count = 0;
  let bytes = 0;
  let oldest = Number.POSITIVE_INFINITY;
  await forEachLimited(waiting, LISTS_AT_ONCE, async ({ log, shard, numbers }) => {
    const first = await readLogCheckpoint(log, shard, numbers[0] as number, signal);
    const last =
      numbers.length === 1 ? first : await readLogCheckpoint(log, shard, numbers.at(-1) as number, signal);
    const before = totalBefore(first);
    count += last.total.records - before.records;
    bytes += last.total.bytes - before.bytes;
    oldest = Math.min(oldest, first.times?.first ?? Date.parse(first.writtenAt) / 1000);
  });
  return { seconds: count === 0 ? 0 : Math.max(0, Math.round(nowMs / 1000 - oldest)), bytes, count };
}

const totalBefore = ({ total, file }: LogCheckpoint) => ({
  records: total.records - (file?.records ?? 0),
  bytes: total.bytes - (file?.bytes ?? 0),
});
