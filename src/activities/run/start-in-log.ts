import { setTimeout } from 'node:timers/promises';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { Epoch, Gap, LogCheckpoint, LogShard } from '../../pipeline/changes/log-documents.ts';
import { afterRemoved } from '../../pipeline/changes/shard-removal.ts';
import {
  deletedBefore,
  lastHeld,
  lastMadeOtherwise,
  type ShardAtStart,
  startPositions,
} from '../../pipeline/changes/start-positions.ts';
import type { StartInLog } from '../../pipeline/run/plan.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import {
  findShard,
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

/** A reader rereads its configuration every minute, and then ends its cut. */
const SWITCH_SECONDS = 120;
const WAIT_AGAIN_MS = 10_000;
/** Less than an attempt may take. The next one waits on. */
const MOST_WAIT_MS = 10 * 60 * 1000;

/**
 * Where a scan has to begin in the log, and when it begins. If the pipeline's mapping withholds or filters otherwise than when the
 * newest images were made, it waits until none of those is behind that place.
 * @param note is given what it waits for
 * @throws Transient `ChangesAwaited`
 */
export async function startOfScan(
  deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs'>,
  open: OpenLog,
  { settleSeconds, withheldId }: Pick<DataRead, 'settleSeconds' | 'withheldId'>,
  note: (doing: string) => void,
  signal: AbortSignal,
): Promise<{ readonly plannedAt: Date; readonly start: StartInLog }> {
  let began: Date | undefined;
  for (;;) {
    const plannedAt = await sharedTime(deps, open.log.store.bucket, { signal });
    began ??= plannedAt;
    const read = { plannedAt, settleSeconds, withheldId, isExport: false };
    const { start, isSwitching, notBeforeMs = 0 } = await startInLog(open, read, signal);
    const switchMs = isSwitching ? began.getTime() + Math.min(settleSeconds, SWITCH_SECONDS) * 1000 : 0;
    const leftMs = Math.max(notBeforeMs, switchMs) - plannedAt.getTime();
    if (leftMs <= 0) return { plannedAt, start };
    const waiting =
      'the scan begins once all changes since its place in the log are recorded by the mapping as it is now, because others would ' +
      'take back what it reads';
    if (plannedAt.getTime() - began.getTime() > MOST_WAIT_MS) throw new Transient('ChangesAwaited', waiting);
    note(`waiting ${Math.ceil(leftMs / 1000)} s: ${waiting}`);
    await setTimeout(Math.min(leftMs, WAIT_AGAIN_MS), undefined, { signal });
  }
}

interface DataRead {
  /** When the scan begins, by S3's clock, as the checkpoints' times are; or the time of the export that is read. */
  readonly plannedAt: Date;
  readonly settleSeconds: number;
  /** An export is read, which has the table as it was at that very time. */
  readonly isExport: boolean;
  /** Of the pipeline's own mapping. */
  readonly withheldId: string;
}

interface BeginningInLog {
  readonly start: StartInLog;
  /** The newest images of a shard that is not read to its end were made by other settings: so may the next ones. */
  readonly isSwitching: boolean;
  readonly notBeforeMs?: number;
}

/**
 * Where a refresh has to begin in the log: see `startPositions`. A scan that begins now has what was recorded `settleSeconds` ago.
 * An export has the windows that end at or before its time.
 * @returns with `notBeforeMs` if images behind that place were made by other settings than `withheldId`, and would take back what
 *   is read now: in milliseconds since 1970, when the last of them will be old enough
 * @throws Terminal `ExportTooOld` if the log does not have all changes since the export
 */
export async function startInLog(
  { log, epoch }: OpenLog,
  { plannedAt, settleSeconds, isExport, withheldId }: DataRead,
  signal: AbortSignal,
): Promise<BeginningInLog> {
  const gaps = await readGaps(log, undefined, signal);
  const documents = await readShards(log, undefined, signal);
  if (isExport) refuseOldExport(epoch, documents, gaps, plannedAt);
  const notAfterMs = plannedAt.getTime() - settleSeconds * 1000;
  const withGap = new Set(gaps.flatMap(({ shard }) => shard ?? []));
  const shards: ShardAtStart[] = [];
  let notBeforeMs: number | undefined;
  let isSwitching = false;
  await forEachLimited(documents, SHARDS_AT_ONCE, async ({ shard, parent, window }) => {
    const isHeld = ({ writtenAt, ended }: LogCheckpoint) =>
      isExport && window !== undefined
        ? ended && window.to * 1000 <= plannedAt.getTime()
        : Date.parse(writtenAt) <= notAfterMs;
    const numbers = await listLogCheckpoints(log, shard, 0, signal);
    // Retention has removed it since.
    if (numbers.length === 0 && (await findShard(log, shard, signal)) === undefined) return;
    const at = (number: number) => readLogCheckpoint(log, shard, number, signal);
    const found = await lastHeld(numbers, at, isHeld);
    const later = withGap.has(shard) ? await readLogCheckpoints(log, shard, found?.number, signal) : [];
    const newest = numbers.at(-1);
    const last = newest === undefined || newest === found?.number ? found : await at(newest);
    const gapAt = later.findLast(({ gap }) => gap !== undefined)?.number;
    const deleted = deletedBefore(numbers[0]);
    const held = found ?? (isExport ? undefined : deleted);
    shards.push({ shard, parent, held, gapAt, last });
    const otherwise = lastMadeOtherwise(last, withheldId);
    if (otherwise === last?.number && !last.ended) isSwitching = true;
    if (otherwise <= Math.max(held?.number ?? 0, gapAt ?? 0, deleted?.number ?? 0)) return;
    const { writtenAt } = otherwise === last?.number ? last : await at(otherwise);
    notBeforeMs = Math.max(notBeforeMs ?? 0, Date.parse(writtenAt) + settleSeconds * 1000);
  });
  const positions = startPositions(epoch.epoch, epoch.roots, shards);
  if (isExport && notBeforeMs !== undefined) throw madeOtherwise(epoch, new Date(notBeforeMs));
  return {
    start: {
      epoch: epoch.epoch,
      positions: positions.map(({ shard, checkpoint, ended }) => ({ shard, checkpoint, ended })),
    },
    isSwitching,
    ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
  };
}

const madeOtherwise = ({ tableName }: Epoch, notBefore: Date) =>
  new Terminal(
    'ExportTooOld',
    `Changes of DynamoDB table ${tableName} since the export were recorded while the pipeline's mapping withheld or filtered ` +
      `otherwise than now, and would take back what the export has. Use an export of ${notBefore.toISOString()} or later, or set ` +
      'source.request: true.',
  );

/**
 * An export that is read must have all that the log lacks: what came before it, what has left it, and what its gaps have lost.
 * Of a stream, it is certain to have what happened since it was opened: older records may be there, but are not needed
 * otherwise.
 */
function refuseOldExport(
  { kind, tableName, enabledAt = '', openedAt, roots }: Epoch,
  shards: readonly LogShard[],
  gaps: readonly Gap[],
  plannedAt: Date,
): void {
  const begins = Date.parse(kind === 'exports' || enabledAt > openedAt ? enabledAt : openedAt);
  const lacks = [
    ...gaps.map(({ noticedAt }) => Date.parse(noticedAt)),
    ...afterRemoved(roots, shards).map(({ foundAt, window }) =>
      window === undefined ? Date.parse(foundAt) : window.from * 1000,
    ),
  ];
  const notBefore = lacks.reduce((latest, at) => Math.max(latest, at), begins);
  if (plannedAt.getTime() >= notBefore) return;
  throw new Terminal(
    'ExportTooOld',
    `The export is of ${plannedAt.toISOString()}, and the change log of DynamoDB table ${tableName} has all changes only from ` +
      `${new Date(notBefore).toISOString()} on. Use an export of a later time, or set source.request: true.`,
  );
}
