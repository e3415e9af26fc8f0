import { setTimeout } from 'node:timers/promises';
import type { Epoch } from '../../pipeline/changes/log-documents.ts';
import { lastHeld, type ShardAtStart, startPositions } from '../../pipeline/changes/start-positions.ts';
import type { StartInLog } from '../../pipeline/run/plan.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import {
  listLogCheckpoints,
  readGaps,
  readLogCheckpoint,
  readLogCheckpoints,
  readShards,
} from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';

/** The log of the stream that the table has. */
interface OpenLog {
  readonly log: ChangeLog;
  readonly epoch: Epoch;
}

const SHARDS_AT_ONCE = 16;
const LOOK_EVERY_MS = 2000;

/**
 * Waits until the stream has been enabled for `settleSeconds`. What was written before is in no log, and an eventually
 * consistent scan may miss a write for a short time, to which DynamoDB states no bound: the seconds are a margin.
 * @param note is given what it waits for
 */
export async function untilSettled(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  { log, epoch }: OpenLog,
  settleSeconds: number,
  note: (doing: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const settledMs = Date.parse(epoch.enabledAt ?? epoch.openedAt) + settleSeconds * 1000;
  for (;;) {
    const leftMs = settledMs - (await sharedTime(deps, log.store.bucket, { signal })).getTime();
    if (leftMs <= 0) return;
    note(
      `waiting ${Math.ceil(leftMs / 1000)} s: the scan begins ${settleSeconds} s after the stream was enabled`,
    );
    await setTimeout(Math.min(leftMs, LOOK_EVERY_MS), undefined, { signal });
  }
}

/**
 * Where a scan that begins now has to begin in the log: see `startPositions`.
 * @param plannedAt when the scan begins, by S3's clock, as the checkpoints' times are
 */
export async function startInLog(
  { log, epoch: { epoch, roots } }: OpenLog,
  { plannedAt, settleSeconds }: { readonly plannedAt: Date; readonly settleSeconds: number },
  signal: AbortSignal,
): Promise<StartInLog> {
  const notAfterMs = plannedAt.getTime() - settleSeconds * 1000;
  const withGap = new Set((await readGaps(log, undefined, signal)).flatMap(({ shard }) => shard ?? []));
  const shards: ShardAtStart[] = [];
  await forEachLimited(
    await readShards(log, undefined, signal),
    SHARDS_AT_ONCE,
    async ({ shard, parent }) => {
      const numbers = await listLogCheckpoints(log, shard, 0, signal);
      const read = (number: number) => readLogCheckpoint(log, shard, number, signal);
      const held = await lastHeld(numbers, read, ({ writtenAt }) => Date.parse(writtenAt) <= notAfterMs);
      const later = withGap.has(shard) ? await readLogCheckpoints(log, shard, held?.number, signal) : [];
      const last = numbers.at(-1);
      shards.push({
        ...{ shard, parent, held },
        gapAt: later.findLast(({ gap }) => gap !== undefined)?.number,
        last: last === undefined || last === held?.number ? held : await read(last),
      });
    },
  );
  const positions = startPositions(epoch, roots, shards);
  return {
    epoch,
    positions: positions.map(({ shard, checkpoint, ended }) => ({ shard, checkpoint, ended })),
  };
}
