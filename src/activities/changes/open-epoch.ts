import { Transient } from '../../clients/errors.ts';
import { changesDirectory, EPOCH_NAME } from '../../pipeline/changes/change-directory.ts';
import { epochId } from '../../pipeline/changes/epoch-id.ts';
import { rootsOf } from '../../pipeline/changes/lineage.ts';
import type { Epoch, GapReason } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { claimEpoch, claimGap, findEpoch } from '../../store/changes/log-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { usableStream } from '../runtime/usable-stream.ts';
import type { FollowedTable } from './followed-table.ts';

type OpenEpochDependencies = Pick<
  Dependencies,
  'changeStreams' | 'source' | 'store' | 'bucketMaintenance' | 'nowMs'
>;

/** The log of the stream that a table has now. */
export interface OpenEpoch {
  readonly log: ChangeLog;
  readonly epoch: Epoch;
}

/**
 * Finds the table's stream, and the log of its epoch, which is opened if this is the first call for that stream: by
 * `followChanges` or the plan of a refresh, whichever comes first. If the pipeline has logs of earlier streams, they end with
 * a gap.
 * @throws Terminal `StreamDisabled`, `StreamViewUnfit`; those of `streamOf`. Transient `TableNotReady` while the stream is
 *   being enabled
 */
export async function openEpoch(
  deps: OpenEpochDependencies,
  { pipeline, table, staging: { bucket, prefix } }: Pick<FollowedTable, 'pipeline' | 'table' | 'staging'>,
  signal: AbortSignal,
): Promise<OpenEpoch> {
  const stream = await usableStream(deps, table, signal);
  const { arn: streamArn, tableId, viewType } = stream;
  const epoch = epochId({ tableId, streamArn });
  const log: ChangeLog = { store: deps.store(bucket), at: { prefix, pipeline, epoch } };
  const opened = await findEpoch(log, signal);
  if (opened !== undefined) return { log, epoch: opened };

  const listed = await deps.changeStreams.shards(streamArn, { signal });
  if (listed === undefined || listed.shards.length === 0) {
    throw new Transient(
      'TableNotReady',
      `The stream of DynamoDB table ${table} is being enabled: it lists no shards yet.`,
    );
  }
  const { tableName, key } = await deps.source.describe(table, { signal });
  const openedAt = (await sharedTime(deps, bucket, { signal })).toISOString();
  const document: Epoch = {
    ...{
      version: 1,
      epoch,
      kind: 'streams',
      tableName,
      tableId,
      streamArn,
      viewType,
      key: [...key],
      openedAt,
    },
    enabledAt: new Date(stream.enabledAtMs).toISOString(),
    roots: rootsOf(listed.shards),
  };
  // Before the new log is there: then no one finds the new one without the end of the others.
  await endEarlier(log, document, signal);
  return { log, epoch: await claimEpoch(log, document, signal) };
}

/** The logs of the pipeline's earlier streams end with a gap. */
async function endEarlier({ store, at }: ChangeLog, current: Epoch, signal: AbortSignal): Promise<void> {
  const directory = changesDirectory(at);
  for await (const { key } of store.list(directory, { delimiter: '/', signal })) {
    const name = key.slice(directory.length, -1);
    if (!EPOCH_NAME.test(name) || name === at.epoch) continue;
    const earlier: ChangeLog = { store, at: { ...at, epoch: name } };
    const epoch = await findEpoch(earlier, signal);
    // This call may be older than another one's log, which is then the current one.
    if (epoch === undefined || isLater(epoch, current)) continue;
    const reason: GapReason = epoch.tableId === current.tableId ? 'stream replaced' : 'table recreated';
    await claimGap(
      earlier,
      {
        version: 1,
        id: 'replaced',
        reason,
        message:
          reason === 'table recreated'
            ? `DynamoDB table ${current.tableName} was deleted and recreated, so its changes are in a new log. A refresh begins with it.`
            : `The stream of DynamoDB table ${current.tableName} was disabled, and another one enabled. Changes between the two are in no stream. A refresh begins with the new one.`,
        noticedAt: current.openedAt,
      },
      signal,
    );
  }
}

const isLater = ({ enabledAt }: Epoch, than: Epoch) =>
  enabledAt !== undefined && than.enabledAt !== undefined && enabledAt > than.enabledAt;
