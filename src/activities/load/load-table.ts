import { Context } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { LoadResult, LoadTableInput } from '../../contract/refresh.ts';
import { destinationOf } from '../../pipeline/definition/pipeline.ts';
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
import { isVerified, stateOf, stateQuery } from '../../pipeline/load/schema-state.ts';
import type { Manifest, ManifestTable } from '../../pipeline/run/manifest.ts';
import { copyManifestKey, paddedNumber } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { tableFolder } from '../../pipeline/run/segments/part-key.ts';
import type { StepProgress } from '../../pipeline/run/step-progress.ts';
import { JSON_FILE } from '../../store/document.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { findStaging } from '../live/find-staging.ts';
import { unlessLive } from '../live/live-schema.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { locateRun } from '../runtime/locate-run.ts';
import { countLoaded } from '../runtime/metrics.ts';
import { isRedacted } from '../runtime/redaction.ts';
import { copyFailed, loadErrors } from '../sql/load-errors.ts';
import { GuardFailed, LoadFailed, query, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { watchStatement } from '../sql/watch-statement.ts';

/** How often another process may change the table during its load before an operator must act. */
const MAX_SURPRISES = 10;

/**
 * Loads a table's files that the staging schema's ledger does not name: one or more transactions per layout, each guarded by
 * the count of rows before and after. Any number of attempts may do this at once: of two that submit the same
 * load, one fails its guard and rereads the ledger.
 *
 * 1. Gather the facts: the definition, the manifest, the staging schema, the files that are wanted.
 * 2. Plan: read the ledger, and find the loads that are still to do.
 * 3. Copy: one guarded transaction per load. If a guard fails, plan again.
 */
export async function loadTableFiles(deps: Dependencies, input: LoadTableInput): Promise<LoadResult> {
  const ref = await locateRun(deps, input);
  const warehouse = await warehouseOf(deps, input, ref);
  const stagingSchema = input.stagingSchema ?? (await findStaging(deps, { ref, warehouse }));
  const record = ActivityRecord.current();
  let progress: StepProgress = { doing: `reading what is in ${stagingSchema}.${input.table}` };
  return whileHeartbeating(
    () => progress,
    async (signal) => {
      const open = await openLoad(deps, input, { ref, warehouse, stagingSchema }, signal);
      const watch = watchStatement({ database: open.database, warehouse, phase: 'load', signal });
      const onPlan = (remaining: readonly Load[]) => {
        const { files, ...sums } = loadedSums(open, remaining);
        progress = { doing: `COPY into ${stagingSchema}.${input.table}`, ...sums };
        record.reach(files);
        record.refuseRepeatedLoss(
          `table ${input.table} of run ${ref.run}, ${files} of whose files are in ${stagingSchema}`,
        );
      };
      const loadAll = async () => {
        for await (const { rows, files } of loadRemaining(open, watch, signal, onPlan)) {
          const { items = 0, bytes = 0 } = progress;
          progress = { ...progress, items: items + rows, bytes: bytes + sumOf(files).bytes };
          record.reach(record.reached + files.length);
          countLoaded(ref.pipeline, rows);
        }
        return resultOf(open);
      };
      return unlessLive(deps, { ref, warehouse, stagingSchema }, signal, loadAll, () => resultOf(open));
    },
    { checksLosses: true },
  );
}

const sumOf = (files: readonly Pick<PartFile, 'rows' | 'bytes'>[]) => ({
  rows: files.reduce((sum, { rows }) => sum + rows, 0),
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** What is loaded already: everything that is wanted and not in the remaining loads. */
function loadedSums({ table, isWanted }: OpenLoad, remaining: readonly Load[]) {
  const wanted = table.files.filter(isWanted);
  const left = remaining.flatMap(({ files }) => files);
  return {
    files: wanted.length - left.length,
    items: sumOf(wanted).rows - sumOf(left).rows,
    bytes: sumOf(wanted).bytes - sumOf(left).bytes,
  };
}

/** All that is known before the ledger is read, and does not change while the table is loaded. */
interface OpenLoad {
  readonly deps: Dependencies;
  readonly ref: RunRef;
  readonly store: ObjectStore;
  readonly database: Warehouse;
  readonly table: ManifestTable;
  readonly target: LoadTarget;
  readonly isWanted: (file: PartFile) => boolean;
}

/** Without one in the input, that of the run's destination in the worker's configuration. */
async function warehouseOf(
  deps: Dependencies,
  input: LoadTableInput,
  ref: RunRef,
): Promise<WarehouseDefinition> {
  if (input.warehouse !== undefined) return WarehouseDefinition.parse(input.warehouse);
  const plan = await readPlan(deps.store(ref.bucket), ref, Context.current().cancellationSignal);
  return (await deps.definitionOf(ref.pipeline, destinationOf(plan.definition))).warehouse;
}

/** @throws Terminal `UnknownTable`, `SegmentOutOfRange`, `RunNotSealed`, `RunNotFound` */
async function openLoad(
  deps: Dependencies,
  input: LoadTableInput,
  {
    ref,
    warehouse,
    stagingSchema,
  }: { readonly ref: RunRef; readonly warehouse: WarehouseDefinition; readonly stagingSchema: string },
  signal: AbortSignal,
): Promise<OpenLoad> {
  const store = deps.store(ref.bucket);
  const manifest = await readManifest(store, ref, signal);
  const plan = await readPlan(store, ref, signal);
  const table = tableNamed(manifest, input.table);
  for (const segment of input.segments ?? []) refuseUnknownSegment(`Run ${ref.run}`, plan.segments, segment);
  return {
    deps,
    ref,
    store,
    database: deps.warehouse(warehouse),
    table,
    isWanted: filesOf(input.segments),
    target: {
      stagingSchema,
      run: ref.run,
      bucket: ref.bucket,
      iamRole: warehouse.iamRole,
      compression: plan.definition.staging.compression,
      region: warehouse.region,
      followsChanges: plan.changes !== undefined,
    },
  };
}

/** Loads what the ledger does not name, and yields each load that is done. @throws Terminal `LoadContended` */
async function* loadRemaining(
  open: OpenLoad,
  watch: StatementWatch,
  signal: AbortSignal,
  onPlan: (remaining: readonly Load[]) => void,
): AsyncGenerator<Load> {
  for (let surprises = 0; surprises < MAX_SURPRISES; surprises++) {
    const loads = await planRemaining(open, watch, signal);
    onPlan(loads);
    try {
      for (const load of loads) {
        await copy(open, load, watch, signal);
        yield load;
      }
      return;
    } catch (error) {
      // Another process loads this table, or did so while our statement waited for its turn.
      if (!(error instanceof GuardFailed)) throw error;
    }
  }
  throw new Terminal(
    'LoadContended',
    `${open.target.stagingSchema}.${open.table.name} changed ${MAX_SURPRISES} times while it was being loaded: is ` +
      'another workflow loading it? Retry when that one has ended.',
  );
}

/**
 * Compares the ledger with the manifest. A schema that is verified has been loaded; changes may have altered its rows since.
 * @throws Terminal `StagingDisagrees`
 */
async function planRemaining(
  { database, table, target, isWanted }: OpenLoad,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<readonly Load[]> {
  const { ledger, rows } = loadedQueries(target.stagingSchema, table.name);
  const name = `tributary ledger ${target.stagingSchema}.${table.name}`;
  const state = target.followsChanges === true ? [stateQuery(target.stagingSchema)] : [];
  const queries = [ledger, rows, ...state];
  const [ledgerRows = [], countRows = [], stateRows = []] = await query(
    database,
    name,
    queries,
    signal,
    watch,
  );
  if (isVerified(stateOf(stateRows))) return [];
  const plan = planLoads(table, loadedOf(ledgerRows, countRows), target, isWanted);
  if (plan.kind === 'disagrees') {
    throw new Terminal(
      'StagingDisagrees',
      `${target.stagingSchema}.${table.name} cannot be loaded any further: ${plan.reason}. It is left as it is; start the ` +
        'run from prepare to load a new staging schema.',
    );
  }
  return plan.loads;
}

/** One load: writes its COPY manifest, and runs its transaction. @throws Terminal `LoadFailed` with the rows that Redshift refused */
async function copy(
  { deps, ref, store, database, table, target }: OpenLoad,
  load: Load,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<void> {
  const manifestKey = copyManifestKey(ref, tableFolder(table.path), load.layout, load.filesId);
  await store.put(manifestKey, copyManifestBody(ref.bucket, load.files), { signal, ...JSON_FILE });
  const sinceMs = Date.now();
  const statements = loadStatements(load, target, manifestKey);
  const name = `tributary ${loadStep(load)} in ${target.stagingSchema}`;
  try {
    await runTransaction(database, { name, scope: target.stagingSchema, statements, watch }, signal);
  } catch (error) {
    if (!(error instanceof LoadFailed)) throw error;
    const keyColumns = table.columns.flatMap((column) => (column.role === 'key' ? [column.name] : []));
    const files = [{ keys: load.files.map(({ key }) => key), columns: load.columns, keyColumns }];
    const failed = { files, sinceMs, isRedacted: await isRedacted(deps, ref, signal) };
    throw copyFailed(await loadErrors(database, store, failed, signal), 'this load', error);
  }
}

/** What the wanted files hold, whichever attempt loaded them. */
function resultOf({ table, target, isWanted }: OpenLoad): LoadResult {
  const result = { table: table.name, rows: 0, bytes: 0, stagingSchema: target.stagingSchema };
  for (const { rows, bytes } of table.files.filter(isWanted)) {
    result.rows += rows;
    result.bytes += bytes;
  }
  return result;
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
