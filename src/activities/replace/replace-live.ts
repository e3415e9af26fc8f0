import { Terminal } from '../../clients/errors.ts';
import type { OnStaging, Swapped } from '../../contract/refresh-activities.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import { backupsToDrop, dropSchema } from '../../pipeline/replace/backups.ts';
import type { Manifest } from '../../pipeline/run/manifest.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { stagingOf } from '../live/find-staging.ts';
import { familyOfLive } from '../live/live-schema.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { runTransaction } from '../sql/transaction.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import { agreeOnLive } from './agree-on-live.ts';
import { hintApplier } from './hint-applier.ts';
import { refuseNewerChanges } from './refuse-newer-changes.ts';
import { swapIn } from './swap-in.ts';

/** Swaps a run's staging schema in, then agrees on what it holds: see `swapIn` and `agreeOnLive`. */
export async function replaceLive(
  deps: Dependencies,
  { ref, warehouse, stagingSchema, older }: OnStaging & { readonly older: boolean },
): Promise<Swapped> {
  let doing = 'reading live';
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const store = deps.store(ref.bucket);
      const manifest = await readManifest(store, ref, signal);
      const marker = markerOfRun(manifest);
      const note = (text: string) => {
        doing = text;
      };
      const { changes } = await readPlan(store, ref, signal);
      const followsChanges = changes !== undefined;
      const refuseNewer = (each: AbortSignal) =>
        refuseNewerChanges(
          {
            ...{ database: deps.warehouse(warehouse), schema: warehouse.schema, marker, store },
            at: { prefix: ref.prefix, pipeline: ref.pipeline },
          },
          each,
        );
      const swap = {
        warehouse,
        incoming: stagingSchema,
        marker,
        older,
        followsChanges,
        scope: stagingSchema,
        note,
        ...(followsChanges ? {} : { refuseNewer }),
      };
      const swapped = await swapIn(deps, swap, signal);
      if (swapped.behind === true) return swapped;
      if (followsChanges) await hintApplier(ref.pipeline, ref.destination);
      note('agreeing on the schema');
      const schema = await agreeOnLive(deps, { ref, warehouse }, manifest, signal);
      return schema === undefined ? swapped : { ...swapped, schema };
    },
  );
}

/**
 * Drops backups beyond `keepBackups`, and this run's other staging schemas, after the swap has committed. RESTRICT
 * refuses to drop a table that a view still reads; such schemas are reported.
 */
export async function tidyWarehouse(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
): Promise<{ dropped: string[]; refused: string[] }> {
  const dropped: string[] = [];
  const refused: string[] = [];
  const record = ActivityRecord.current();
  await whileHeartbeating(
    () => `dropping old schemas: ${dropped.length} dropped`,
    async (signal) => {
      const database = deps.warehouse(warehouse);
      const watch = watchStatement({ database, warehouse, phase: 'replace', signal });
      const marker = markerOfRun(await readManifest(deps.store(ref.bucket), ref, signal));
      const schemas = await familyOfLive(database, warehouse.schema, signal);
      const backups = await backupCandidates(database, warehouse, schemas, signal);
      const { own: abandoned } = await stagingOf(deps, { ref, warehouse }, schemas, signal);
      const doomed = [
        ...backupsToDrop(warehouse.schema, marker, backups, warehouse.keepBackups),
        ...abandoned,
      ];
      for (const { name, relations } of doomed) {
        try {
          for (const statements of batches(dropSchema(name, relations))) {
            await runTransaction(
              database,
              { name: `tributary drop ${name}`, scope: stagingSchema, statements, watch },
              signal,
            );
          }
          dropped.push(name);
          record.advance();
        } catch (error) {
          if (!(error instanceof Terminal)) throw error;
          refused.push(`${name}: ${error.message}`);
        }
      }
    },
  );
  return { dropped, refused };
}

function markerOfRun({ pipeline, run, extractedFrom }: Manifest): Marker {
  return { pipeline, run, extractedFrom };
}
