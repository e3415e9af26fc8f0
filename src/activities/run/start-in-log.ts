import { setTimeout } from 'node:timers/promises';
import { Terminal } from '../../clients/errors.ts';
import type { Epoch, Gap, LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
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

/** The log of the table's changes. */
interface OpenLog {
  readonly log: ChangeLog;
  readonly epoch: Epoch;
}

const SHARDS_AT_ONCE = 16;
const LOOK_EVERY_MS = 2000;

/**
 * Waits until the log has changes for `settleSeconds`. What was written before is in no log, and an eventually
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
    note(`waiting ${Math.ceil(leftMs / 1000)} s: it begins ${settleSeconds} s after the log`);
    await setTimeout(Math.min(leftMs, LOOK_EVERY_MS), undefined, { signal });
  }
}

interface DataRead {
  /** When the scan begins, by S3's clock, as the checkpoints' times are; or the time of the export that is read. */
  readonly plannedAt: Date;
  readonly settleSeconds: number;
  /** An export is read, which has the table as it was at that very time. */
  readonly isExport: boolean;
}

/**
 * Where a refresh has to begin in the log: see `startPositions`. A scan that begins now has what was recorded `settleSeconds` ago.
 * An export has the windows that end at or before its time.
 * @throws Terminal `ExportTooOld` if the log does not have all changes since the export
 */
export async function startInLog(
  { log, epoch }: OpenLog,
  { plannedAt, settleSeconds, isExport }: DataRead,
  signal: AbortSignal,
): Promise<StartInLog> {
  const gaps = await readGaps(log, undefined, signal);
  if (isExport) refuseOldExport(epoch, gaps, plannedAt);
  const notAfterMs = plannedAt.getTime() - settleSeconds * 1000;
  const withGap = new Set(gaps.flatMap(({ shard }) => shard ?? []));
  const shards: ShardAtStart[] = [];
  await forEachLimited(
    await readShards(log, undefined, signal),
    SHARDS_AT_ONCE,
    async ({ shard, parent, window }) => {
      const isHeld = ({ writtenAt, ended }: LogCheckpoint) =>
        isExport && window !== undefined
          ? ended && window.to * 1000 <= plannedAt.getTime()
          : Date.parse(writtenAt) <= notAfterMs;
      const numbers = await listLogCheckpoints(log, shard, 0, signal);
      const at = (number: number) => readLogCheckpoint(log, shard, number, signal);
      const held = await lastHeld(numbers, at, isHeld);
      const later = withGap.has(shard) ? await readLogCheckpoints(log, shard, held?.number, signal) : [];
      const last = numbers.at(-1);
      shards.push({
        ...{ shard, parent, held },
        gapAt: later.findLast(({ gap }) => gap !== undefined)?.number,
        last: last === undefined || last === held?.number ? held : await at(last),
      });
    },
  );
  const positions = startPositions(epoch.epoch, epoch.roots, shards);
  return {
    epoch: epoch.epoch,
    positions: positions.map(({ shard, checkpoint, ended }) => ({ shard, checkpoint, ended })),
  };
}

/**
 * An export that is read must have all that the log lacks: what came before it, and what its gaps have lost. Of a stream, it is
 * certain to have what happened since it was opened: older records may be there, but are not needed otherwise.
 */
function refuseOldExport(
  { kind, tableName, enabledAt = '', openedAt }: Epoch,
  gaps: readonly Gap[],
  plannedAt: Date,
): void {
  const begins = Date.parse(kind === 'exports' || enabledAt > openedAt ? enabledAt : openedAt);
  const notBefore = gaps.reduce((latest, { noticedAt }) => Math.max(latest, Date.parse(noticedAt)), begins);
  if (plannedAt.getTime() >= notBefore) return;
  throw new Terminal(
    'ExportTooOld',
    `The export is of ${plannedAt.toISOString()}, and the change log of DynamoDB table ${tableName} has all changes only from ` +
      `${new Date(notBefore).toISOString()} on. Use an export of a later time, or set source.request: true.`,
  );
}
