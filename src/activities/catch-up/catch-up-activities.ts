import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { CatchUpActivities } from '../../contract/changes/catch-up.ts';
import { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { positionsOf, type StoredPosition, writePositions } from '../../pipeline/load/positions.ts';
import { aheadQuery, countAhead, endedAheadQuery } from '../../pipeline/replace/position-guard.ts';
import { hasPositions } from '../../pipeline/replace/replace-plan.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { findShard } from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { observeLive } from '../live/live-schema.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { query, runTransaction } from '../sql/transaction.ts';
import { undecoded } from '../temporal/undecoded.ts';
import { requestRefresh } from './request-refresh.ts';
import { signalFollowStaging, startApplyChanges, startFollowChanges } from './start-changes.ts';
import { untilLogCovers } from './until-log-covers.ts';

/** What a run and its destination need to bring a staging schema up to live. */
export function createCatchUpActivities(deps: Dependencies): CatchUpActivities {
  return {
    startChanges: withErrorClass(deps, async ({ pipeline, destination }) => {
      const { client } = Context.current();
      await whileHeartbeating(
        () => `starting what follows the table of ${pipeline}`,
        async () => {
          await startFollowChanges(client, pipeline);
          await startApplyChanges(client, { pipeline, destination });
        },
      );
    }),
    followStaging: withErrorClass(deps, async ({ ref, warehouse, stagingSchema, destination, request }) => {
      const { client } = Context.current();
      const { pipeline, run } = ref;
      let doing = `asking ${destination} to follow ${stagingSchema}`;
      return whileHeartbeating(
        () => doing,
        async (signal) => {
          const { marker } = await observeLive(deps, WarehouseDefinition.parse(warehouse), signal);
          if (marker?.pipeline === pipeline && marker.run === run) return { isLive: true };
          await startFollowChanges(client, pipeline);
          const note = (now: string) => {
            doing = now;
          };
          await untilLogCovers(deps, ref, note, signal);
          const asked = { ...request, pipeline, run, schema: stagingSchema };
          await signalFollowStaging(client, { pipeline, destination }, asked);
          return { isLive: false };
        },
      );
    }),
    requestRefresh: withErrorClass(deps, requestRefresh),
    endedRuns: withErrorClass(deps, endedRuns),
    shardsBehindLive: withErrorClass(deps, (input) => shardsBehindLive(deps, input)),
  };
}

async function endedRuns({
  runs,
}: Parameters<CatchUpActivities['endedRuns']>[0]): Promise<readonly string[]> {
  const { client } = Context.current();
  const ended: string[] = [];
  await whileHeartbeating(
    () => `checking ${counted(runs.length, 'run')}`,
    async () => {
      for (const { schema, workflowId, firstExecutionRunId } of runs)
        if (!(await isOpen(client, workflowId, firstExecutionRunId))) ended.push(schema);
    },
  );
  return ended;
}

/** Whether this workflow runs, and not a later one with its id. */
async function isOpen(client: Client, workflowId: string, firstExecutionRunId: string): Promise<boolean> {
  try {
    const { status, raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
    const first = raw.workflowExecutionInfo?.firstRunId;
    return status.name === 'RUNNING' && (first == null || first === '' || first === firstExecutionRunId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const DOCUMENTS_AT_ONCE = 16;

/**
 * Compares staging with live. A shard that has left the log is older than any scan that began since, so staging takes its
 * position over: live may have it of a run that began before, or of a backup.
 */
async function shardsBehindLive(
  deps: Dependencies,
  { pipeline, destination, stagingSchema }: Parameters<CatchUpActivities['shardsBehindLive']>[0],
): Promise<number> {
  const { warehouse, staging } = await deps.definitionOf(pipeline, destination);
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  return whileHeartbeating(
    () => `comparing ${stagingSchema} with ${schema}`,
    async (signal) => {
      const live = await observeLive(deps, warehouse, signal);
      if (!hasPositions(live)) return 0;
      const name = `tributary positions of ${schema}`;
      const statements = [aheadQuery(schema, stagingSchema), endedAheadQuery(schema, stagingSchema)];
      const [rows = [], ended = []] = await query(database, name, statements, signal);
      const at = { prefix: staging.prefix, pipeline };
      const logOf = (epoch: string) => ({ store: deps.store(staging.bucket), at: { ...at, epoch } });
      const removed = await removedOf(positionsOf(ended), logOf, signal);
      if (removed.length > 0) {
        const written = writePositions(stagingSchema, removed, 'left the log');
        const transaction = {
          name: `tributary take positions over to ${stagingSchema}`,
          scope: stagingSchema,
        };
        await runTransaction(database, { ...transaction, statements: written }, signal);
      }
      return countAhead(rows) - removed.length;
    },
  );
}

/** The positions whose shards are not in the log. */
async function removedOf(
  positions: readonly StoredPosition[],
  logOf: (epoch: string) => ChangeLog,
  signal: AbortSignal,
): Promise<StoredPosition[]> {
  const removed: StoredPosition[] = [];
  await forEachLimited(positions, DOCUMENTS_AT_ONCE, async (position) => {
    if ((await findShard(logOf(position.epoch), position.shard, signal)) === undefined)
      removed.push(position);
  });
  return removed;
}
