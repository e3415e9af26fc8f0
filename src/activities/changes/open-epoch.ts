import { Terminal, Transient } from '../../clients/errors.ts';
import { changesDirectory, EPOCH_NAME } from '../../pipeline/changes/change-directory.ts';
import { epochId } from '../../pipeline/changes/epoch-id.ts';
import { firstStart, windowShard } from '../../pipeline/changes/export-window.ts';
import { rootsOf } from '../../pipeline/changes/lineage.ts';
import type { Epoch, GapReason } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { claimEpoch, claimGap, findEpoch, findGap } from '../../store/changes/log-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { usableRecovery } from '../runtime/usable-recovery.ts';
import { usableStream } from '../runtime/usable-stream.ts';
import type { FollowedTable } from './followed-table.ts';

type OpenEpochDependencies = Pick<
  Dependencies,
  'changeStreams' | 'tableExports' | 'source' | 'store' | 'bucketMaintenance' | 'nowMs'
>;

/** The log of the stream that a table has now, or of its exports. */
export interface OpenEpoch {
  readonly log: ChangeLog;
  readonly epoch: Epoch;
}

type Opened = Pick<FollowedTable, 'pipeline' | 'table' | 'staging' | 'exports'>;

/** What tells one epoch from another, and with what its log begins. */
interface Found {
  readonly tableId: string;
  readonly streamArn?: string;
  readonly begin: () => Promise<Pick<Epoch, 'kind' | 'viewType' | 'enabledAt' | 'roots'>>;
}

/** The gap with which a log ends that another one replaces. */
const REPLACED = 'replaced';

/**
 * Finds the table's stream, or that it can be exported, and the log of its epoch, which is opened if this is the first call:
 * by `followChanges` or the plan of a refresh, whichever comes first. If the pipeline has other logs, they end with a gap.
 * @throws Terminal `StreamDisabled`, `StreamViewUnfit`, `RecoveryDisabled`; those of `streamOf`. Transient `TableNotReady` while
 *   the stream is being enabled
 */
export async function openEpoch(
  deps: OpenEpochDependencies,
  opened: Opened,
  signal: AbortSignal,
): Promise<OpenEpoch> {
  const { pipeline, table, exports } = opened;
  const { bucket, prefix } = opened.staging;
  const { tableId, streamArn, begin } = await (exports === undefined
    ? foundStream(deps, table, signal)
    : foundExports(deps, table, exports, signal));
  for (let generation = 1; ; generation++) {
    const epoch = epochId({ tableId, generation, ...(streamArn === undefined ? {} : { streamArn }) });
    const log: ChangeLog = { store: deps.store(bucket), at: { prefix, pipeline, epoch } };
    const before = await findEpoch(log, signal);
    if (before !== undefined) {
      // The pipeline has returned to a kind that it followed before: what happened in between is not in that log.
      if ((await findGap(log, REPLACED, signal))?.reason === 'kind changed') continue;
      return { log, epoch: before };
    }
    const { tableName, key } = await deps.source.describe(table, { signal });
    const document: Epoch = {
      ...{ version: 1, epoch, tableName, tableId, key: [...key] },
      ...(streamArn === undefined ? {} : { streamArn }),
      ...(await begin()),
      openedAt: (await sharedTime(deps, bucket, { signal })).toISOString(),
    };
    // Before the new log is there: then no one finds the new one without the end of the others.
    await endEarlier(log, document, signal);
    return { log, epoch: await claimEpoch(log, document, signal) };
  }
}

async function foundStream(deps: OpenEpochDependencies, table: string, signal: AbortSignal): Promise<Found> {
  const { arn, tableId, viewType, enabledAtMs } = await usableStream(deps, table, signal);
  return {
    ...{ tableId, streamArn: arn },
    async begin() {
      const listed = await deps.changeStreams.shards(arn, { signal });
      if (listed === undefined || listed.shards.length === 0) {
        throw new Transient(
          'TableNotReady',
          `The stream of DynamoDB table ${table} is being enabled: it lists no shards yet.`,
        );
      }
      const enabledAt = new Date(enabledAtMs).toISOString();
      return { kind: 'streams', viewType, enabledAt, roots: rootsOf(listed.shards) };
    },
  };
}

async function foundExports(
  deps: OpenEpochDependencies,
  table: string,
  { viewType }: NonNullable<FollowedTable['exports']>,
  signal: AbortSignal,
): Promise<Found> {
  const restorable = await usableRecovery(deps, table, signal);
  const { tableId } = await deps.source.describe(table, { signal });
  if (tableId === undefined) {
    throw new Terminal(
      'TableNotReadable',
      `DynamoDB does not state the id of table ${table}, so a recreated table would look the same. Its exports cannot be followed.`,
    );
  }
  return {
    tableId,
    async begin() {
      const from = firstStart(restorable);
      const enabledAt = new Date(from * 1000).toISOString();
      return { kind: 'exports', viewType, enabledAt, roots: [windowShard(from)] };
    },
  };
}

/** The pipeline's other logs end with a gap. */
async function endEarlier({ store, at }: ChangeLog, current: Epoch, signal: AbortSignal): Promise<void> {
  const directory = changesDirectory(at);
  for await (const { key } of store.list(directory, { delimiter: '/', signal })) {
    const name = key.slice(directory.length, -1);
    if (!EPOCH_NAME.test(name) || name === at.epoch) continue;
    const earlier: ChangeLog = { store, at: { ...at, epoch: name } };
    const epoch = await findEpoch(earlier, signal);
    // This call may be older than another one's log, which is then the current one.
    if (epoch === undefined || isLater(epoch, current)) continue;
    const reason = reasonToEnd(epoch, current);
    const message = END_MESSAGES[reason](current);
    const gap = { version: 1 as const, id: REPLACED, reason, message, noticedAt: current.openedAt };
    await claimGap(earlier, gap, signal);
  }
}

/** Streams by when they were enabled. A pipeline can return to an older one from exports. */
function isLater(epoch: Epoch, than: Epoch): boolean {
  if (epoch.kind !== than.kind || epoch.kind === 'exports') return epoch.openedAt > than.openedAt;
  return epoch.enabledAt !== undefined && than.enabledAt !== undefined && epoch.enabledAt > than.enabledAt;
}

type EndReason = Extract<GapReason, 'stream replaced' | 'table recreated' | 'kind changed'>;

function reasonToEnd(epoch: Epoch, current: Epoch): EndReason {
  if (epoch.tableId !== current.tableId) return 'table recreated';
  return epoch.kind === 'streams' && current.kind === 'streams' ? 'stream replaced' : 'kind changed';
}

const END_MESSAGES: Readonly<Record<EndReason, (current: Epoch) => string>> = {
  'table recreated': ({ tableName }) =>
    `DynamoDB table ${tableName} was deleted and recreated, so its changes are in a new log. A refresh begins with it.`,
  'stream replaced': ({ tableName }) =>
    `The stream of DynamoDB table ${tableName} was disabled, and another one enabled. Changes between the two are in no stream. A refresh begins with the new one.`,
  'kind changed': ({ tableName, kind }) =>
    `Changes of DynamoDB table ${tableName} now come from ${kind === 'exports' ? 'incremental exports' : 'its stream'}, so they are in a new log. A refresh begins with it.`,
};
