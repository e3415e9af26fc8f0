import { Terminal } from '../../clients/errors.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { stagingName, stagingSchemas } from '../../pipeline/staging/staging.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { observeLive } from './live-schema.ts';
import { withMarker } from './schema-contents.ts';

export interface OnWarehouse {
  readonly ref: RunRef;
  readonly warehouse: WarehouseDefinition;
}

/**
 * The staging schemas that are called like this run's, the newest first: its own, and those that their markers say
 * are of another pipeline's run of the same name, with the same live schema.
 */
export async function stagingOf(
  deps: Dependencies,
  { ref, warehouse }: OnWarehouse,
  schemas: readonly string[],
  signal: AbortSignal,
) {
  const database = deps.warehouse(warehouse);
  const names = stagingSchemas(warehouse.schema, ref.run, schemas);
  const found = await Promise.all(names.map((name) => withMarker(database, name, signal)));
  return {
    own: found.filter(({ marker }) => !isOthers(ref, marker)),
    others: found.filter(({ marker }) => isOthers(ref, marker)),
  };
}

export const isOthers = ({ pipeline }: Pick<RunRef, 'pipeline'>, marker: Marker | undefined) =>
  marker !== undefined && marker.pipeline !== pipeline;

/**
 * The newest staging schema of this run. Where the run is live already, the name it went live from: the phases
 * after it find that there is nothing left to do.
 * @throws Terminal `NotPrepared` where there is none.
 */
export async function findStaging(deps: Dependencies, { ref, warehouse }: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'finding the staging schema',
    async (signal) => {
      const { schemas, marker } = await observeLive(deps, warehouse, signal);
      const { own } = await stagingOf(deps, { ref, warehouse }, schemas, signal);
      const newest = own[0]?.name;
      if (newest === undefined && marker?.run === ref.run && marker.pipeline === ref.pipeline) {
        return stagingName(warehouse.schema, { run: ref.run, generation: 1 });
      }
      if (newest === undefined) {
        throw new Terminal(
          'NotPrepared',
          `Run ${ref.run} has no staging schema in database ${warehouse.database}: it was not prepared, or it was ` +
            'replaced or dropped since. Start it from prepare.',
        );
      }
      return newest;
    },
  );
}
