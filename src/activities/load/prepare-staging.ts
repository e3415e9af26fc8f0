import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { writeMarker } from '../../pipeline/load/marker.ts';
import type { Manifest } from '../../pipeline/run/manifest.ts';
import { generationKey, generationsDirectory } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { type Commented, schemaComment } from '../../pipeline/staging/comments.ts';
import { createStaging as createStagingStatements, runColumnsOf } from '../../pipeline/staging/ddl.ts';
import { stagingName } from '../../pipeline/staging/staging.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findDocument } from '../../store/document.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { isOthers, type OnWarehouse, stagingOf } from '../live/find-staging.ts';
import { observeLive, refuseForeign } from '../live/live-schema.ts';
import { refuseStoppers } from '../live/refuse-stoppers.ts';
import { withMarker } from '../live/schema-contents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { GuardFailed, runTransaction } from '../sql/transaction.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import { beginChanges } from './begin-changes.ts';

const stagingForeign = (name: string, { pipeline, run }: RunRef, other = 'another pipeline') =>
  new Terminal(
    'StagingForeign',
    `Staging schema ${name} belongs to ${other}, which has the same live schema as ${pipeline} and a run of the same name, ` +
      `${run}. It is left as it is. Give ${pipeline} a schema of its own (warehouse.schema), then resume from prepare.`,
  );

/**
 * Names a staging schema that was never used before, not even by an attempt that failed, and creates its tables. A
 * retry continues with the name of the attempt before.
 */
export async function prepareStaging(deps: Dependencies, on: OnWarehouse): Promise<string> {
  let doing = 'naming a staging schema';
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const manifest = await readManifest(deps.store(on.ref.bucket), on.ref, signal);
      const stagingSchema = await unusedName(deps, on, manifest, signal);
      await createTables(deps, { ...on, stagingSchema }, manifest, signal, (now) => {
        doing = now;
      });
      return stagingSchema;
    },
  );
}

/** The first half of `prepareStaging`, for runs that began under 0.1.0. */
export async function nextStaging(deps: Dependencies, on: OnWarehouse): Promise<string> {
  return whileHeartbeating(
    () => 'naming a staging schema',
    async (signal) =>
      unusedName(deps, on, await readManifest(deps.store(on.ref.bucket), on.ref, signal), signal),
  );
}

/** The second half of `prepareStaging`, for runs that began under 0.1.0. */
export async function createStaging(deps: Dependencies, on: OnStaging): Promise<void> {
  const { ref, warehouse, stagingSchema } = on;
  let doing = `creating ${stagingSchema}`;
  await whileHeartbeating(
    () => doing,
    async (signal) => {
      const manifest = await readManifest(deps.store(ref.bucket), ref, signal);
      const { marker } = await withMarker(deps.warehouse(warehouse), stagingSchema, signal);
      if (isOthers(ref, marker)) throw stagingForeign(stagingSchema, ref, marker?.pipeline);
      await createTables(deps, on, manifest, signal, (now) => {
        doing = now;
      });
    },
  );
}

/** @throws Terminal if live cannot be replaced, or if staging schemas with names of this run belong to another pipeline. */
async function unusedName(
  deps: Dependencies,
  { ref, warehouse }: OnWarehouse,
  { tables }: Manifest,
  signal: AbortSignal,
): Promise<string> {
  const live = await observeLive(deps, warehouse, signal);
  refuseForeign(warehouse.schema, ref.pipeline, live);
  const { others } = await stagingOf(deps, { ref, warehouse }, live.schemas, signal);
  for (const { name, marker } of others) throw stagingForeign(name, ref, marker?.pipeline);
  const newTables = new Map(
    tables.map((table) => [
      table.name,
      new Set([
        ...table.columns.map((column) => column.name),
        ...(warehouse.runColumns ? runColumnsOf(table) : []),
      ]),
    ]),
  );
  const replacing = { schema: warehouse.schema, live, newTables, when: 'prepare' as const };
  await refuseStoppers(deps.warehouse(warehouse), replacing, signal);
  return stagingName(warehouse.schema, {
    run: ref.run,
    generation: await nextGeneration(deps, ref, signal),
  });
}

/**
 * Creates the staging schema's tables that are missing; it never drops anything. The marker is written last, so a
 * schema with a marker is complete.
 */
async function createTables(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
  manifest: Manifest,
  signal: AbortSignal,
  onStep: (doing: string) => void,
): Promise<void> {
  const { extractedFrom, tables, key } = manifest;
  const { definition, source, changes, segments } = await readPlan(deps.store(ref.bucket), ref, signal);
  const about: Commented = {
    ...{ pipeline: ref.pipeline, run: ref.run, extractedFrom, key },
    source: source.tableName,
    descriptions: definition.descriptions,
    mapping: definition.mapping,
    detail: warehouse.comments,
    followsChanges: changes !== undefined,
  };
  const stamp = warehouse.runColumns ? { run: ref.run, extractedFrom } : undefined;
  const record = ActivityRecord.current();
  const database = deps.warehouse(warehouse);
  const watch = watchStatement({ database, warehouse, phase: 'prepare', signal });
  let done = 0;
  const show = () => onStep(`creating ${stagingSchema}: ${counted(done, 'transaction')} done`);
  show();
  for (const statements of batches(createStagingStatements(stagingSchema, tables, about, stamp))) {
    await runTransaction(
      database,
      { name: `tributary prepare ${stagingSchema} ${done}`, scope: stagingSchema, statements, watch },
      signal,
    );
    done++;
    show();
    record.reach(done);
  }
  const marker = {
    pipeline: ref.pipeline,
    run: ref.run,
    extractedFrom,
    tables: tables.map(({ name }) => name),
  };
  const begun = { database, watch, stagingSchema, marker };
  if (changes === undefined) {
    const statements = writeMarker(stagingSchema, marker);
    const name = `tributary prepare ${stagingSchema} marker`;
    try {
      await runTransaction(database, { name, scope: stagingSchema, statements, watch }, signal);
    } catch (error) {
      if (!(error instanceof GuardFailed)) throw error;
      throw stagingForeign(stagingSchema, ref, undefined);
    }
  } else if (!(await beginChanges(deps, ref, { ...begun, changes, segments, manifest }, signal))) {
    throw stagingForeign(stagingSchema, ref, undefined);
  }
  await commentOnSchema(deps, { ref, warehouse, stagingSchema }, about, signal);
}

/** Ignores a refusal, which the log of statements keeps: see `schemaComment`. */
async function commentOnSchema(
  deps: Dependencies,
  { warehouse, stagingSchema }: OnStaging,
  about: Commented,
  signal: AbortSignal,
): Promise<void> {
  const statements = schemaComment(stagingSchema, about);
  if (statements.length === 0) return;
  const database = deps.warehouse(warehouse);
  const watch = watchStatement({ database, warehouse, phase: 'prepare', signal });
  const name = `tributary prepare ${stagingSchema} comment`;
  try {
    await runTransaction(database, { name, scope: stagingSchema, statements, watch }, signal);
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
  }
}

const Reservation = z.object({ by: z.string().optional() });

/**
 * The run's next generation, reserved in the run directory. If a name were used twice, the client tokens would find the
 * old schema's statements, as if they had run for the new one. A retry finds what an attempt before it has reserved.
 */
async function nextGeneration(deps: Dependencies, ref: RunRef, signal: AbortSignal): Promise<number> {
  const store = deps.store(ref.bucket);
  const { workflowExecution, activityId, attempt } = Context.current().info;
  const by = `${workflowExecution?.runId}/${activityId}`;
  let generation = 1;
  let last: string | undefined;
  for await (const { key } of store.list(generationsDirectory(ref), { signal })) {
    generation++;
    last = key;
  }
  if (attempt > 1 && last !== undefined) {
    const found = await findDocument({ store, key: last, schema: Reservation }, signal);
    if (found?.by === by) return generation - 1;
  }
  const body = () => JSON.stringify({ version: 1, generation, at: new Date().toISOString(), by });
  while ((await store.putNew(generationKey(ref, generation), body(), { signal })) === 'exists') generation++;
  return generation;
}
