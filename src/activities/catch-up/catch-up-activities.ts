import { Context } from '@temporalio/activity';
import type { CatchUpActivities } from '../../contract/changes/catch-up.ts';
import { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { aheadQuery, countAhead } from '../../pipeline/replace/position-guard.ts';
import { hasPositions } from '../../pipeline/replace/replace-plan.ts';
import { observeLive } from '../live/live-schema.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { query } from '../sql/transaction.ts';
import { signalFollowStaging, startApplyChanges, startFollowChanges } from './start-changes.ts';

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
      return whileHeartbeating(
        () => `asking ${destination} to follow ${stagingSchema}`,
        async (signal) => {
          const { marker } = await observeLive(deps, WarehouseDefinition.parse(warehouse), signal);
          if (marker?.pipeline === pipeline && marker.run === run) return { isLive: true };
          await startFollowChanges(client, pipeline);
          const asked = { ...request, pipeline, run, schema: stagingSchema };
          await signalFollowStaging(client, { pipeline, destination }, asked);
          return { isLive: false };
        },
      );
    }),
    shardsBehindLive: withErrorClass(deps, (input) => shardsBehindLive(deps, input)),
  };
}

async function shardsBehindLive(
  deps: Dependencies,
  { pipeline, destination, stagingSchema }: Parameters<CatchUpActivities['shardsBehindLive']>[0],
): Promise<number> {
  const { warehouse } = await deps.definitionOf(pipeline, destination);
  const { schema } = warehouse;
  return whileHeartbeating(
    () => `comparing ${stagingSchema} with ${schema}`,
    async (signal) => {
      const live = await observeLive(deps, warehouse, signal);
      if (!hasPositions(live)) return 0;
      const name = `tributary positions of ${schema}`;
      const statements = [aheadQuery(schema, stagingSchema)];
      const [rows = []] = await query(deps.warehouse(warehouse), name, statements, signal);
      return countAhead(rows);
    },
  );
}
