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
 * The staging schemas with names of this run, newest first: its own, and those whose markers name another pipeline
 * that has the same live schema and a run of the same name.
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
 * The newest staging schema of this run. If the run is live already, the name that it went live from: later phases then
 * find nothing left to do.
 * @throws Terminal `NotPrepared` if there is none.
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
          `Run ${ref.run} has no staging schema in database ${warehouse.database}: the run was not prepared, or its ` +
            'staging schema has been replaced or dropped. Start the run from prepare.',
        );
      }
      return newest;
    },
  );
}
