import { Terminal } from '../clients/errors.ts';
import { batches } from '../pipeline/batches.ts';
import { createStaging as createStagingStatements } from '../pipeline/ddl.ts';
import { writeMarker } from '../pipeline/marker.ts';
import type { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { generationKey, generationsDirectory } from '../pipeline/run-directory.ts';
import { stagingName, stagingSchemas } from '../pipeline/staging.ts';
import type { Dependencies } from './dependencies.ts';
import { whileHeartbeating } from './heartbeat.ts';
import type { OnStaging, RunRef } from './interface.ts';
import { observeLive, refuseForeign } from './live-schema.ts';
import { refuseStoppers } from './refuse-stoppers.ts';
import { readManifest } from './run-files.ts';
import { runTransaction } from './transaction.ts';
import { watchStatement } from './watch-statement.ts';

interface OnWarehouse {
  readonly ref: RunRef;
  readonly warehouse: WarehouseDefinition;
}

/** A staging schema of this run that was never named before, not even by an attempt that came to nothing. */
export async function nextStaging(deps: Dependencies, { ref, warehouse }: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'naming a staging schema',
    async (signal) => {
      const live = await observeLive(deps, warehouse, signal);
      refuseForeign(warehouse.schema, ref.pipeline, live);
      if (live.marker !== undefined) {
        const { tables } = await readManifest(deps.store(ref.bucket), ref, signal);
        const names = tables.map(({ name }) => name);
        await refuseStoppers(deps.warehouse(warehouse), warehouse.schema, live, names, signal);
      }
      return stagingName(warehouse.schema, {
        run: ref.run,
        generation: await nextGeneration(deps, ref, signal),
      });
    },
  );
}

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
      const [newest] = stagingSchemas(warehouse.schema, ref.run, schemas);
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

/**
 * Creates the staging schema's tables where they are missing; it never drops anything. The marker is written
 * last: a schema with a marker is whole.
 */
export async function createStaging(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
): Promise<void> {
  let done = 0;
  let noted: string | undefined;
  await whileHeartbeating(
    () => ({ batches: done, ...(noted === undefined ? {} : { noted }) }),
    async (signal) => {
      const manifest = await readManifest(deps.store(ref.bucket), ref, signal);
      const database = deps.warehouse(warehouse);
      const note = (text: string) => {
        noted = text;
      };
      const watch = watchStatement({ database, warehouse, phase: 'prepare', note, signal });
      for (const statements of batches(createStagingStatements(stagingSchema, manifest.tables))) {
        await runTransaction(
          database,
          { name: `tributary prepare ${stagingSchema} ${done}`, scope: stagingSchema, statements, watch },
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
        { name: `tributary prepare ${stagingSchema} marker`, scope: stagingSchema, statements, watch },
        signal,
      );
    },
  );
}

/**
 * The run's next generation, taken in the run directory: a name used again would find its old statements by
 * their client tokens, as if they had been run for the new schema.
 */
async function nextGeneration(deps: Dependencies, ref: RunRef, signal: AbortSignal): Promise<number> {
  const store = deps.store(ref.bucket);
  let generation = 1;
  for await (const _ of store.list(generationsDirectory(ref), { signal })) generation++;
  const body = () => JSON.stringify({ version: 1, generation, at: new Date().toISOString() });
  while ((await store.putNew(generationKey(ref, generation), body(), { signal })) === 'exists') generation++;
  return generation;
}
