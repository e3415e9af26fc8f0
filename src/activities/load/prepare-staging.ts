import { Terminal } from '../../clients/errors.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { writeMarker } from '../../pipeline/load/marker.ts';
import { generationKey, generationsDirectory } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { createStaging as createStagingStatements } from '../../pipeline/staging/ddl.ts';
import { stagingName } from '../../pipeline/staging/staging.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { readManifest } from '../../store/run-files.ts';
import { isOthers, type OnWarehouse, stagingOf } from '../live/find-staging.ts';
import { observeLive, refuseForeign } from '../live/live-schema.ts';
import { refuseStoppers } from '../live/refuse-stoppers.ts';
import { withMarker } from '../live/schema-contents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { GuardFailed, runTransaction } from '../sql/transaction.ts';
import { watchStatement } from '../sql/watch-statement.ts';

const stagingForeign = (name: string, { pipeline, run }: RunRef, other = 'another pipeline') =>
  new Terminal(
    'StagingForeign',
    `Staging schema ${name} belongs to ${other}, which has the same live schema as ${pipeline} and a run of the same name, ` +
      `${run}. It is left as it is. Give ${pipeline} a schema of its own (warehouse.schema), then resume from prepare.`,
  );

/** A name for this run's staging schema that was never used before, not even by an attempt that failed. */
export async function nextStaging(deps: Dependencies, { ref, warehouse }: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'naming a staging schema',
    async (signal) => {
      const live = await observeLive(deps, warehouse, signal);
      refuseForeign(warehouse.schema, ref.pipeline, live);
      const { others } = await stagingOf(deps, { ref, warehouse }, live.schemas, signal);
      for (const { name, marker } of others) throw stagingForeign(name, ref, marker?.pipeline);
      const { tables } = await readManifest(deps.store(ref.bucket), ref, signal);
      const newTables = new Map(
        tables.map(({ name, columns }) => [name, new Set(columns.map((column) => column.name))]),
      );
      const replacing = { schema: warehouse.schema, live, newTables, when: 'prepare' as const };
      await refuseStoppers(deps.warehouse(warehouse), replacing, signal);
      return stagingName(warehouse.schema, {
        run: ref.run,
        generation: await nextGeneration(deps, ref, signal),
      });
    },
  );
}

/**
 * Creates the staging schema's tables that are missing; it never drops anything. The marker is written last, so a
 * schema with a marker is complete.
 */
export async function createStaging(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
): Promise<void> {
  const record = ActivityRecord.current();
  let done = 0;
  await whileHeartbeating(
    () => `creating ${stagingSchema}: ${counted(done, 'transaction')} done`,
    async (signal) => {
      const manifest = await readManifest(deps.store(ref.bucket), ref, signal);
      const database = deps.warehouse(warehouse);
      const watch = watchStatement({ database, warehouse, phase: 'prepare', signal });
      const { marker } = await withMarker(database, stagingSchema, signal);
      if (isOthers(ref, marker)) throw stagingForeign(stagingSchema, ref, marker?.pipeline);
      for (const statements of batches(createStagingStatements(stagingSchema, manifest.tables))) {
        await runTransaction(
          database,
          { name: `tributary prepare ${stagingSchema} ${done}`, scope: stagingSchema, statements, watch },
          signal,
        );
        done++;
        record.reach(done);
      }
      const statements = writeMarker(stagingSchema, {
        pipeline: ref.pipeline,
        run: ref.run,
        extractedFrom: manifest.extractedFrom,
        tables: manifest.tables.map(({ name }) => name),
      });
      const name = `tributary prepare ${stagingSchema} marker`;
      try {
        await runTransaction(database, { name, scope: stagingSchema, statements, watch }, signal);
      } catch (error) {
        if (!(error instanceof GuardFailed)) throw error;
        throw stagingForeign(stagingSchema, ref, undefined);
      }
    },
  );
}

/**
 * The run's next generation, reserved in the run directory. If a name were used twice, the client tokens would find the
 * old schema's statements, as if they had run for the new one.
 */
async function nextGeneration(deps: Dependencies, ref: RunRef, signal: AbortSignal): Promise<number> {
  const store = deps.store(ref.bucket);
  let generation = 1;
  for await (const _ of store.list(generationsDirectory(ref), { signal })) generation++;
  const body = () => JSON.stringify({ version: 1, generation, at: new Date().toISOString() });
  while ((await store.putNew(generationKey(ref, generation), body(), { signal })) === 'exists') generation++;
  return generation;
}
