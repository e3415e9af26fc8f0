import { Terminal } from '../clients/errors.ts';
import { batches } from '../pipeline/batches.ts';
import { createStaging as createStagingStatements } from '../pipeline/ddl.ts';
import type { LiveState } from '../pipeline/live-state.ts';
import { writeMarker } from '../pipeline/marker.ts';
import type { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { nextStagingName, stagingSchemas } from '../pipeline/staging.ts';
import { stopperQueries, stoppersOf } from '../pipeline/stoppers.ts';
import type { Dependencies } from './dependencies.ts';
import { whileHeartbeating } from './heartbeat.ts';
import type { OnStaging, RunRef } from './interface.ts';
import { observeLive, queryNamed, refuseForeign } from './live-schema.ts';
import { readManifest } from './run-files.ts';
import { runTransaction } from './transaction.ts';

interface OnWarehouse {
  readonly ref: RunRef;
  readonly warehouse: WarehouseDefinition;
}

/** A staging schema of this run that does not exist yet. */
export async function nextStaging(deps: Dependencies, { ref, warehouse }: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'naming a staging schema',
    async (signal) => {
      const live = await observeLive(deps, warehouse, signal);
      refuseForeign(warehouse.schema, ref.pipeline, live);
      await refuseStoppers(deps, ref, warehouse, live, signal);
      return nextStagingName(warehouse.schema, ref.run, live.schemas);
    },
  );
}

/** The newest staging schema of this run. @throws Terminal `NotPrepared` where there is none. */
export async function findStaging(deps: Dependencies, { ref, warehouse }: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'finding the staging schema',
    async (signal) => {
      const { schemas } = await observeLive(deps, warehouse, signal);
      const [newest] = stagingSchemas(warehouse.schema, ref.run, schemas);
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

/**
 * Creates the staging schema's tables where they are missing; it never drops anything. The marker is written
 * last: a schema with a marker is whole.
 */
export async function createStaging(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
): Promise<void> {
  let done = 0;
  await whileHeartbeating(
    () => `${done} batches`,
    async (signal) => {
      const manifest = await readManifest(deps.store(ref.bucket), ref, signal);
      const database = deps.warehouse(warehouse);
      for (const statements of batches(createStagingStatements(stagingSchema, manifest.tables))) {
        await runTransaction(
          database,
          { name: `tributary prepare ${stagingSchema} ${done}`, scope: stagingSchema, statements },
          signal,
        );
        done++;
      }
      const statements = writeMarker(stagingSchema, {
        pipeline: ref.pipeline,
        run: ref.run,
        extractedFrom: manifest.extractedFrom,
        tables: manifest.tables.map(({ name }) => name),
      });
      await runTransaction(
        database,
        { name: `tributary prepare ${stagingSchema} marker`, scope: stagingSchema, statements },
        signal,
      );
    },
  );
}

/** @throws Terminal `ReplacementStopped` where something hangs on the live tables that the swap would break. */
async function refuseStoppers(
  deps: Dependencies,
  ref: RunRef,
  warehouse: WarehouseDefinition,
  live: LiveState,
  signal: AbortSignal,
): Promise<void> {
  const { schema } = warehouse;
  if (live.marker === undefined) return;
  const { tables } = await readManifest(deps.store(ref.bucket), ref, signal);
  const rows = await queryNamed(
    deps.warehouse(warehouse),
    `tributary stoppers of ${schema}`,
    stopperQueries(schema),
    signal,
  );
  const stoppers = stoppersOf(
    schema,
    live,
    tables.map(({ name }) => name),
    rows,
  );
  if (stoppers.length === 0) return;
  throw new Terminal(
    'ReplacementStopped',
    `Schema ${schema} cannot be replaced as it is: ` +
      `${stoppers.map(({ what, whatToDo }) => `${what} (${whatToDo})`).join('; ')}. ` +
      'Then start the run from prepare; what was extracted is kept.',
  );
}
