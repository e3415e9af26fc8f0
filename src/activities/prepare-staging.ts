import { Terminal } from '../clients/errors.ts';
import { batches } from '../pipeline/batches.ts';
import { createStaging as createStagingStatements } from '../pipeline/ddl.ts';
import { writeMarker } from '../pipeline/marker.ts';
import type { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { nextStagingName, stagingSchemas } from '../pipeline/staging.ts';
import type { Dependencies } from './dependencies.ts';
import { whileHeartbeating } from './heartbeat.ts';
import type { OnStaging, RunRef } from './interface.ts';
import { observeLive, refuseForeignLive } from './live-schema.ts';
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
      await refuseForeignLive(deps, ref.pipeline, warehouse, signal);
      const { schemas } = await observeLive(deps, warehouse, signal);
      return nextStagingName(warehouse.schema, ref.run, schemas);
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
