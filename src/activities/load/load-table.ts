import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { LoadResult, LoadTableInput } from '../../contract/refresh.ts';
import { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { copyManifestBody } from '../../pipeline/load/copy-statement.ts';
import { loadedOf, loadedQueries } from '../../pipeline/load/ledger.ts';
import {
  type Load,
  type LoadTarget,
  loadStatements,
  loadStep,
  planLoads,
} from '../../pipeline/load/load-plan.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import type { Manifest, ManifestTable } from '../../pipeline/run/manifest.ts';
import { tableFolder } from '../../pipeline/run/part-key.ts';
import { copyManifestKey, paddedNumber } from '../../pipeline/run/run-directory.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { findStaging } from '../live/find-staging.ts';
import { unlessLive } from '../live/live-schema.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { locateRun } from '../runtime/locate-run.ts';
import { countLoaded } from '../runtime/metrics.ts';
import { GuardFailed, LoadFailed, query, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import { loadErrors } from './load-errors.ts';

/** How often a load may find the table changed under it before somebody should look. */
const MAX_SURPRISES = 10;

/**
 * Loads a table's files that the staging schema's ledger does not name: a transaction a layout, each guarded by
 * the count of rows before and after. Any number of attempts may do this at once: of two that submit the same
 * load, one fails its guard and reads the ledger anew.
 */
export async function loadTableFiles(deps: Dependencies, input: LoadTableInput): Promise<LoadResult> {
  const ref = await locateRun(deps, input);
  const warehouse =
    input.warehouse === undefined
      ? (await deps.definitionOf(input.pipeline)).warehouse
      : WarehouseDefinition.parse(input.warehouse);
  const stagingSchema = input.stagingSchema ?? (await findStaging(deps, { ref, warehouse }));
  let loaded = 0;
  let noted: string | undefined;
  return whileHeartbeating(
    () => ({ loads: loaded, ...(noted === undefined ? {} : { noted }) }),
    async (signal) => {
      const store = deps.store(ref.bucket);
      const [manifest, plan] = [await readManifest(store, ref, signal), await readPlan(store, ref, signal)];
      const table = tableNamed(manifest, input.table);
      for (const segment of input.segments ?? []) {
        refuseUnknownSegment(`Run ${ref.run}`, plan.segments, segment);
      }
      const database = deps.warehouse(warehouse);
      const target: LoadTarget = {
        stagingSchema,
        run: ref.run,
        bucket: ref.bucket,
        iamRole: warehouse.iamRole,
        compression: plan.definition.staging.compression,
        region: warehouse.region,
      };
      const wanted = filesOf(input.segments);
      const note = (text: string) => {
        noted = text;
      };
      const watch = watchStatement({ database, warehouse, phase: 'load', note, signal });
      const result = (): LoadResult => {
        const files = table.files.filter(wanted);
        const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
        return { table: table.name, rows: sum('rows'), bytes: sum('bytes'), stagingSchema };
      };
      const load = async (): Promise<LoadResult> => {
        for (let surprises = 0; surprises < MAX_SURPRISES; surprises++) {
          const loads = await loadsToDo(database, table, target, wanted, watch, signal);
          try {
            for (const load of loads) {
              const key = copyManifestKey(ref, tableFolder(table.path), load.layout, load.filesId);
              await store.put(key, copyManifestBody(ref.bucket, load.files), {
                signal,
                contentType: 'application/json',
              });
              await run({ database, store, target, table, load }, key, watch, signal);
              loaded++;
              countLoaded(ref.pipeline, load.rows);
            }
            return result();
          } catch (error) {
            // Somebody else loads this table, or did so before our statement came to its turn.
            if (!(error instanceof GuardFailed)) throw error;
          }
        }
        throw new Terminal(
          'LoadContended',
          `${stagingSchema}.${table.name} changed ${MAX_SURPRISES} times while it was to be loaded: is another workflow ` +
            'loading it? Retry when that one has ended.',
        );
      };
      return unlessLive(deps, { ref, warehouse, stagingSchema }, signal, load, result);
    },
  );
}

async function loadsToDo(
  database: Warehouse,
  table: ManifestTable,
  target: LoadTarget,
  wanted: (file: PartFile) => boolean,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<readonly Load[]> {
  const { ledger, rows } = loadedQueries(target.stagingSchema, table.name);
  const name = `tributary ledger ${target.stagingSchema}.${table.name}`;
  const [ledgerRows = [], countRows = []] = await query(database, name, [ledger, rows], signal, watch);
  const plan = planLoads(table, loadedOf(ledgerRows, countRows), target, wanted);
  if (plan.kind === 'disagrees') {
    throw new Terminal(
      'StagingDisagrees',
      `${target.stagingSchema}.${table.name} cannot be loaded any further: ${plan.reason}. It is left as it is; start the ` +
        'run from prepare to load a new staging schema.',
    );
  }
  return plan.loads;
}

interface LoadOfTable {
  readonly database: Warehouse;
  readonly store: ObjectStore;
  readonly target: LoadTarget;
  readonly table: ManifestTable;
  readonly load: Load;
}

async function run(
  { database, store, target, table, load }: LoadOfTable,
  manifestKey: string,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<void> {
  const sinceMs = Date.now();
  const statements = loadStatements(load, target, manifestKey);
  const name = `tributary ${loadStep(load)} in ${target.stagingSchema}`;
  try {
    await runTransaction(database, { name, scope: target.stagingSchema, statements, watch }, signal);
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error;
    const details = await loadErrors(database, store, { load, table, sinceMs }, signal);
    throw new Terminal(
      'LoadFailed',
      `${error.message}${details} Nothing of this load is in the warehouse. Mend the cause, then retry the table.`,
    );
  }
}

function tableNamed(manifest: Manifest, name: string): ManifestTable {
  const table = manifest.tables.find((candidate) => candidate.name === name);
  if (table === undefined) {
    const names = manifest.tables.map((candidate) => candidate.name);
    throw new Terminal(
      'UnknownTable',
      `Run ${manifest.run} has no table ${name}. It has: ${names.join(', ')}.`,
    );
  }
  return table;
}

/** A file's name begins with its segment's number; the odd items' files belong to no segment. */
function filesOf(segments: readonly number[] | undefined): (file: PartFile) => boolean {
  if (segments === undefined) return () => true;
  const prefixes = segments.map((segment) => `/${paddedNumber(segment)}-`);
  return ({ key }) => prefixes.some((prefix) => key.slice(key.lastIndexOf('/')).startsWith(prefix));
}
