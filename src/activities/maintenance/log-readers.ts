import type { Warehouse } from '../../clients/warehouse.ts';
import type { LogReader } from '../../pipeline/changes/retention.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { positionsOf, positionsQuery, type StoredPosition } from '../../pipeline/load/positions.ts';
import type { StartInLog } from '../../pipeline/run/plan.ts';
import { runsDirectory } from '../../pipeline/run/run-directory.ts';
import type { Owner, RunRef } from '../../pipeline/run/run-ref.ts';
import { POSITIONS_TABLE } from '../../pipeline/sql/system-tables.ts';
import { type History, historyCursors } from '../../store/changes/history-files.ts';
import { isRemoved } from '../../store/changes/removal-file.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { findPlan } from '../../store/run-files.ts';
import { observeLive } from '../live/live-schema.ts';
import { backupCandidates, withMarker } from '../live/schema-contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { query } from '../sql/transaction.ts';
import { OpenRuns } from '../temporal/open-runs.ts';

const PLANS_AT_ONCE = 16;

/** The readers of the logs of all epochs of a pipeline. */
export interface LogReaders {
  of(epoch: string): Promise<LogReader[]>;
  /** The schemas that are live, with their positions. */
  readonly live: readonly SchemaPositions[];
  readonly histories: readonly History[];
}

/** A schema with positions. */
interface SchemaPositions {
  readonly database: Warehouse;
  readonly schema: string;
  readonly rows: readonly StoredPosition[];
}

/**
 * Who may still read a pipeline's logs: its destinations, unless they were removed, backups that a rollback can restore, and runs under way that take the
 * part files of an earlier one. Other unfinished runs need no place here: their positions are as old as they are.
 * @throws if the positions of any of them cannot be read: nothing may be deleted then
 */
export async function logReaders(
  deps: Dependencies,
  name: string,
  { destinations, staging }: Pipeline,
  signal: AbortSignal,
): Promise<LogReaders> {
  const schemas: FoundPositions[] = [];
  const histories: (History & { readonly destination: string })[] = [];
  for (const [destination, each] of Object.entries(destinations)) {
    const store = deps.store(staging.bucket);
    if (await isRemoved(store, { prefix: staging.prefix, pipeline: name }, destination, signal)) continue;
    if (each.kind === 'redshift')
      for (const schema of await positionsIn(deps, name, each.definition, signal)) schemas.push(schema);
    else {
      const { bucket, prefix } = each.settings;
      histories.push({ destination, store: deps.store(bucket), at: { prefix, pipeline: name } });
    }
  }
  const runs = await runsOverEarlier(deps, { pipeline: name, ...staging }, signal);
  const ofHistory = async (history: (typeof histories)[number], epoch: string): Promise<LogReader> => {
    const cursors = await historyCursors(history, epoch, signal);
    const at = new Map([...cursors.values()].map(({ shard, number }) => [shard, number]));
    return { what: `history ${history.destination}`, kind: 'history', at };
  };
  return {
    histories,
    live: schemas.filter(({ kind }) => kind === 'schema'),
    of: async (epoch) => [
      ...runs.map(({ run, changes }): LogReader => {
        const at = new Map(changes.positions.map(({ shard, checkpoint }) => [shard, checkpoint]));
        return { what: `run ${run}`, kind: 'tables', at: changes.epoch === epoch ? at : undefined };
      }),
      ...schemas.map(({ kind, schema, rows }): LogReader => {
        const ofEpoch = rows.filter((row) => row.epoch === epoch);
        const at = new Map(ofEpoch.map(({ shard, checkpoint }) => [shard, checkpoint]));
        return { what: `${kind} ${schema}`, kind: 'tables', at: at.size === 0 ? undefined : at };
      }),
      ...(await Promise.all(histories.map((history) => ofHistory(history, epoch)))),
    ],
  };
}

interface FoundPositions extends SchemaPositions {
  readonly kind: 'schema' | 'backup';
}

/** Runs under way whose data is as old as that of the earlier run whose part files they take. */
async function runsOverEarlier(
  deps: Dependencies,
  at: Omit<RunRef, 'run'>,
  signal: AbortSignal,
): Promise<{ readonly run: string; readonly changes: StartInLog }[]> {
  const store = deps.store(at.bucket);
  const directory = runsDirectory(at);
  const runs: string[] = [];
  for await (const { key } of store.list(directory, { delimiter: '/', signal }))
    if (key.endsWith('/')) runs.push(key.slice(directory.length, -1));
  const found: { readonly run: string; readonly owner: Owner; readonly changes: StartInLog }[] = [];
  await forEachLimited(
    runs,
    PLANS_AT_ONCE,
    async (run) => {
      const { refersTo, changes, owner } = (await findPlan(store, { ...at, run }, signal)) ?? {};
      if (refersTo !== undefined && changes !== undefined && owner !== undefined)
        found.push({ run, owner, changes });
    },
    signal,
  );
  if (found.length === 0) return [];
  const open = await OpenRuns.now(at.pipeline);
  const isOpen = await Promise.all(found.map(({ run, owner }) => open.has(run, owner)));
  return found.filter((_, i) => isOpen[i]);
}

/** Positions of live and of its backups. A schema without them gets changes only after a refresh. */
async function positionsIn(
  deps: Dependencies,
  pipeline: string,
  { warehouse }: PipelineDefinition,
  signal: AbortSignal,
): Promise<FoundPositions[]> {
  const database = deps.warehouse(warehouse);
  const { schemas } = await observeLive(deps, warehouse, signal);
  const found = [
    { kind: 'schema' as const, ...(await withMarker(database, warehouse.schema, signal)) },
    ...(await backupCandidates(database, warehouse, schemas, signal)).map((each) => ({
      kind: 'backup' as const,
      ...each,
    })),
  ];
  const read: FoundPositions[] = [];
  for (const { kind, name, marker, relations } of found) {
    if (marker?.pipeline !== pipeline || !relations.some((each) => each.name === POSITIONS_TABLE)) continue;
    const [rows = []] = await query(
      database,
      `tributary positions of ${name}`,
      [positionsQuery(name)],
      signal,
    );
    read.push({ kind, database, schema: name, rows: positionsOf(rows) });
  }
  return read;
}
