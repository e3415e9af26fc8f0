import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { isVerified, setState } from '../../pipeline/load/schema-state.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { rejectAdvice } from '../../pipeline/mapping/reject-advice.ts';
import type { Manifest, ManifestTable } from '../../pipeline/run/manifest.ts';
import { nothingCopied } from '../../pipeline/run/seal/nothing-copied.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import {
  analyzeStatements,
  compareTable,
  type Difference,
  differenceText,
  verifyQueries,
} from '../../pipeline/staging/verify-plan.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { unlessLive } from '../live/live-schema.ts';
import { stateIn } from '../live/schema-contents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { GuardFailed, query, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { watchStatement } from '../sql/watch-statement.ts';

const TABLES_AT_ONCE = 4;
const SHOWN = 10;

/**
 * Compares with what extraction saw, unless that was done before: the rows per table, and per column the cells that are not NULL and the bytes of
 * text. Then updates the tables' statistics. A run that differs does not go live, nor one with more rejects than
 * `maxRejects` in the definition that its workflow started with, nor, without `allowEmpty`, one that left out everything.
 */
export async function verifyStaging(deps: Dependencies, staging: OnStaging): Promise<void> {
  const { ref, warehouse, stagingSchema } = staging;
  const record = ActivityRecord.current();
  let verified = 0;
  let analyzed = 0;
  const done = () => {
    record.reach(verified + analyzed);
  };
  await whileHeartbeating(
    () => `verifying ${stagingSchema}: ${counted(verified, 'table')} compared`,
    (signal) =>
      unlessLive(
        deps,
        staging,
        signal,
        async () => {
          const store = deps.store(ref.bucket);
          const manifest = await readManifest(store, ref, signal);
          const { definition, changes } = await readPlan(store, ref, signal);
          refuseRejects(manifest, ref.maxRejects ?? definition.maxRejects, ref);
          if (!(ref.allowEmpty ?? definition.allowEmpty)) refuseNothing(manifest, definition.mapping);
          const database = deps.warehouse(warehouse);
          const watch = watchStatement({ database, warehouse, phase: 'verify', signal });
          const wasVerified = async () =>
            changes !== undefined && isVerified(await stateIn(database, stagingSchema, signal));
          if (await wasVerified()) return;
          const differences: Difference[] = [];
          const verifyTable = async (table: ManifestTable, ended: AbortSignal) => {
            const name = `tributary verify ${stagingSchema}.${table.name}`;
            const rows = [];
            for (const some of batches(verifyQueries(stagingSchema, table))) {
              for (const results of await query(database, name, some, ended, watch)) rows.push(results);
            }
            for (const difference of compareTable(table, rows.flat())) differences.push(difference);
            verified++;
            done();
          };
          await forEachLimited(manifest.tables, TABLES_AT_ONCE, verifyTable, signal);
          if (differences.length > 0) {
            // Another attempt has verified it, and changes are applied by now.
            if (await wasVerified()) return;
            throw new Terminal(
              'VerificationFailed',
              `${stagingSchema} does not hold what was extracted, so nothing is replaced: ` +
                `${differences.slice(0, SHOWN).map(differenceText).join('; ')}` +
                `${differences.length > SHOWN ? `; and ${differences.length - SHOWN} more` : ''}. ` +
                'If it differs again, start a new run.',
            );
          }
          for (const statements of batches(analyzeStatements(stagingSchema, manifest.tables))) {
            const name = `tributary analyze ${stagingSchema}`;
            await runTransaction(database, { name, scope: stagingSchema, statements, watch }, signal);
            analyzed++;
            done();
          }
          if (changes !== undefined) await markVerified(stagingSchema, { database, watch }, signal);
        },
        () => undefined,
      ),
  );
}

/** From now on, neither loads nor this may count its rows. */
async function markVerified(
  stagingSchema: string,
  { database, watch }: { readonly database: Warehouse; readonly watch: StatementWatch },
  signal: AbortSignal,
): Promise<void> {
  const statements = setState(stagingSchema, 'verified');
  const name = `tributary verified ${stagingSchema}`;
  try {
    await runTransaction(database, { name, scope: stagingSchema, statements, watch }, signal);
  } catch (error) {
    // It follows changes already, after another attempt.
    if (!(error instanceof GuardFailed)) throw error;
  }
}

function refuseNothing(manifest: Manifest, mapping: Mapping): void {
  const nothing = nothingCopied(manifest, mapping);
  if (nothing === undefined) return;
  throw new Terminal(
    'NothingCopied',
    `Run ${manifest.run} read ${counted(manifest.items, 'item')} and would replace live with nothing: ${nothing}. ` +
      `${manifest.notes
        .filter((note) => /^mapping\.(?:where|include) has /.test(note))
        .map((note) => `In addition, ${note}. `)
        .join('')}` +
      'Nothing is replaced. Correct the names and values there, and start a new run; if live is meant to be empty, set ' +
      'allowEmpty: true for the pipeline.',
  );
}

function refuseRejects(
  manifest: Manifest,
  maxRejects: number,
  { bucket }: { readonly bucket: string },
): void {
  const { run, rejects, rejectReasons } = manifest;
  if (rejects <= maxRejects) return;
  const reasons = Object.entries(rejectReasons).map(([reason, items]) => `${items} because ${reason}`);
  throw new Terminal(
    'TooManyRejects',
    `Run ${run} set ${counted(rejects, 'item')} aside, and maxRejects is ${maxRejects}, so nothing is replaced: ` +
      `${reasons.join('; ')}. They are in s3://${bucket}, in the run's rejects/ folder; "tributary rejects ${run}" ` +
      `lists them. ${rejectAdvice(Object.keys(rejectReasons), run)}`,
  );
}
