import { Context } from '@temporalio/activity';
import { Terminal } from '../clients/errors.ts';
import type { Warehouse } from '../clients/warehouse.ts';
import { backupsToDrop, dropSchema } from '../pipeline/backups.ts';
import { batches } from '../pipeline/batches.ts';
import { grantsPlan } from '../pipeline/grants-plan.ts';
import { hasMarker, relationsOf, relationsQuery } from '../pipeline/live-state.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import type { Marker } from '../pipeline/marker.ts';
import type { WarehouseDefinition } from '../pipeline/pipeline-definition.ts';
import { planReplacement } from '../pipeline/replace-plan.ts';
import { isBackupName, stagingSchemas } from '../pipeline/staging.ts';
import type { Dependencies } from './dependencies.ts';
import { whileHeartbeating } from './heartbeat.ts';
import type { OnStaging } from './interface.ts';
import { catalogueIn, markerIn, observeLive } from './live-schema.ts';
import { readManifest } from './run-files.ts';
import { GuardFailed, query, runTransaction } from './transaction.ts';
import { watchStatement } from './watch-statement.ts';

/** How often live may change between look and swap before somebody should see who changes it. */
const MAX_LOOKS = 5;

/**
 * Swaps staging in: compare-and-swap on live's marker, one transaction. Done before, it finds its own marker and
 * is done. Grants, owners, comments and late-binding views are carried over before the swap, and what was granted
 * meanwhile after it.
 */
export async function replaceLive(
  deps: Dependencies,
  { ref, warehouse, stagingSchema, older }: OnStaging & { readonly older: boolean },
): Promise<{ readonly backupSchema?: string }> {
  let doing = 'looking at live';
  const note = (text: string) => {
    doing = text;
  };
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const marker = markerOfRun(await readManifest(deps.store(ref.bucket), ref, signal));
      const database = deps.warehouse(warehouse);
      const watch = watchStatement({ database, warehouse, phase: 'replace', note, signal });
      for (let look = 0; look < MAX_LOOKS; look++) {
        const live = await observeLive(deps, warehouse, signal);
        const plan = planReplacement({ schema: warehouse.schema, stagingSchema, marker, live, older });
        if (plan.kind === 'done') {
          // Only after an attempt of ours that died between swap and grants: later, a grant that is missing may
          // have been taken back on purpose.
          if (Context.current().info.attempt === 1) return {};
          const backups = await candidates(database, warehouse, live.schemas, signal);
          const [last] = backups.toSorted((a, b) => extracted(b) - extracted(a));
          if (last !== undefined)
            await carryGrants(database, last.name, warehouse.schema, stagingSchema, signal);
          return {};
        }
        if (plan.kind === 'refuse') throw new Terminal(plan.code, `${plan.reason} ${plan.whatToDo}`);
        if (live.schemas.includes(warehouse.schema)) {
          doing = 'carrying grants over';
          await carryGrants(database, warehouse.schema, stagingSchema, stagingSchema, signal);
        }
        doing = 'replacing';
        try {
          const name = `tributary replace ${warehouse.schema}`;
          await runTransaction(
            database,
            { name, scope: stagingSchema, statements: plan.statements, watch },
            signal,
          );
        } catch (error) {
          // Live changed under the plan, by another run or by an attempt of ours that died before it knew.
          const now = await observeLive(deps, warehouse, signal);
          const planned = planReplacement({
            schema: warehouse.schema,
            stagingSchema,
            marker,
            live: now,
            older,
          });
          if (error instanceof GuardFailed || JSON.stringify(planned) !== JSON.stringify(plan)) continue;
          throw error;
        }
        if (plan.backupSchema === undefined) return {};
        await carryGrants(database, plan.backupSchema, warehouse.schema, stagingSchema, signal);
        return { backupSchema: plan.backupSchema };
      }
      throw new Terminal(
        'LiveContended',
        `Schema ${warehouse.schema} changed ${MAX_LOOKS} times while it was to be replaced: is another run replacing it? ` +
          'Retry from replace when that one has ended.',
      );
    },
  );
}

/**
 * Drops backups beyond those to keep, and this run's other staging schemas, after the swap's commit. What
 * somebody's view still reads is refused by RESTRICT and reported, not torn away.
 */
export async function tidyWarehouse(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
): Promise<{ dropped: string[]; refused: string[] }> {
  const dropped: string[] = [];
  const refused: string[] = [];
  await whileHeartbeating(
    () => ({ dropped: dropped.length }),
    async (signal) => {
      const database = deps.warehouse(warehouse);
      const marker = markerOfRun(await readManifest(deps.store(ref.bucket), ref, signal));
      const { schemas } = await observeLive(deps, warehouse, signal);
      const backups = await candidates(database, warehouse, schemas, signal);
      const abandoned = stagingSchemas(warehouse.schema, ref.run, schemas);
      const doomed = [
        ...backupsToDrop(warehouse.schema, marker, backups, warehouse.keepBackups),
        ...(await Promise.all(abandoned.map((name) => contentsOf(database, name, signal)))),
      ];
      for (const { name, relations } of doomed) {
        try {
          for (const statements of batches(dropSchema(name, relations))) {
            await runTransaction(
              database,
              { name: `tributary drop ${name}`, scope: stagingSchema, statements },
              signal,
            );
          }
          dropped.push(name);
        } catch (error) {
          if (!(error instanceof Terminal)) throw error;
          refused.push(`${name}: ${error.message}`);
        }
      }
    },
  );
  return { dropped, refused };
}

/** `scope` is the run's staging schema: the same grants given again by a later run are another transaction. */
async function carryGrants(
  database: Warehouse,
  from: string,
  to: string,
  scope: string,
  signal: AbortSignal,
): Promise<void> {
  const statements = grantsPlan(
    await catalogueIn(database, from, signal),
    await catalogueIn(database, to, signal),
    to,
  );
  for (const batch of batches(statements)) {
    await runTransaction(database, { name: `tributary grants of ${from}`, scope, statements: batch }, signal);
  }
}

async function candidates(
  database: Warehouse,
  { schema }: WarehouseDefinition,
  schemas: readonly string[],
  signal: AbortSignal,
) {
  const backups = schemas.filter((name) => isBackupName(schema, name));
  return Promise.all(
    backups.map(async (name) => {
      const { relations } = await contentsOf(database, name, signal);
      const marker = hasMarker(relations) ? await markerIn(database, name, signal) : undefined;
      return { name, relations, marker };
    }),
  );
}

async function contentsOf(database: Warehouse, name: string, signal: AbortSignal) {
  const [rows = []] = await query(database, `tributary look at ${name}`, [relationsQuery(name)], signal);
  return { name, relations: relationsOf(rows) };
}

const extracted = ({ marker }: { readonly marker: Marker | undefined }) =>
  Date.parse(marker?.extractedFrom ?? '') || 0;

function markerOfRun({ pipeline, run, extractedFrom }: Manifest): Marker {
  return { pipeline, run, extractedFrom };
}
