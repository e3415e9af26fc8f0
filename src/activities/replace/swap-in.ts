import { Context } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { cleanUpFailure } from '../../contract/clean-up-failure.ts';
import type { Swapped } from '../../contract/refresh-activities.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { readerWait } from '../../pipeline/definition/reader-wait.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import type { StoredPosition } from '../../pipeline/load/positions.ts';
import { backupMade } from '../../pipeline/replace/backups.ts';
import { type Catalogue, dataTablesOf } from '../../pipeline/replace/catalogue.ts';
import { type GrantsOptions, grantsPlan } from '../../pipeline/replace/grants-plan.ts';
import type { LiveSchema } from '../../pipeline/replace/inventory.ts';
import type { LiveState, Relation } from '../../pipeline/replace/live-state.ts';
import { aheadQuery, countAhead } from '../../pipeline/replace/position-guard.ts';
import { replacedViews, type ViewMoves, viewMoves } from '../../pipeline/replace/recreate-views.ts';
import { hasPositions, planReplacement } from '../../pipeline/replace/replace-plan.ts';
import { shownName } from '../../pipeline/replace/view-graph.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { catalogueIn, observeLive } from '../live/live-schema.ts';
import { refuseStoppers } from '../live/refuse-stoppers.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { GuardFailed, NotInTime, query, runLongTransaction, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { watchStatement } from '../sql/watch-statement.ts';
import { ReaderTries } from './reader-tries.ts';

/** How often live may change between reading and swap before an operator must find out what changes it. */
const MAX_LOOKS = 5;

interface Swap {
  readonly warehouse: WarehouseDefinition;
  /** The schema that will take live's place, and its marker. */
  readonly incoming: string;
  readonly marker: Marker;
  /** Replace live even if it was extracted later. */
  readonly older: boolean;
  /** Changes are applied to the schema. It must not be behind live, unless `older`. */
  readonly followsChanges?: boolean;
  /** The swap is a rollback: what is live becomes an undone backup. */
  readonly undone?: boolean;
  /** The run that must be live, if the swap applies to that one alone. */
  readonly replaced?: string | undefined;
  /** Part of the client tokens: the same statements under the same scope are the same transaction. */
  readonly scope: string;
  /** @throws Terminal if live is not what this swap applies to. */
  readonly check?: (live: LiveState) => void;
  /**
   * Refuses what is older than the changes that live has, if it follows some and the schema does not.
   * @returns the positions that live must still have
   */
  readonly refuseNewer?: (signal: AbortSignal) => Promise<StoredPosition[]>;
  /** Notes the current step, for operators. */
  readonly note: (text: string) => void;
}

/**
 * Swaps a schema in: a compare-and-swap on live's marker, in one transaction. A repeat finds its own marker and is
 * done. Grants, owners, comments and late-binding views are carried over before the swap, and anything granted in the
 * meantime after it. Bound views are dropped and recreated in its transaction.
 *
 * If live is ahead of the schema in the change log, nothing is swapped, and the result says `behind`.
 */
export async function swapIn(deps: Dependencies, swap: Swap, signal: AbortSignal): Promise<Swapped> {
  const { warehouse } = swap;
  const database = deps.warehouse(warehouse);
  const watch = watchStatement({ database, warehouse, phase: 'replace', signal });
  const tries = new ReaderTries(warehouse.schema, readerWait(warehouse), watch);
  try {
    return await trySwap(deps, swap, { database, watch, tries }, signal);
  } finally {
    tries.end();
  }
}

interface Trying {
  readonly database: Warehouse;
  readonly watch: StatementWatch;
  readonly tries: ReaderTries;
}

async function trySwap(
  deps: Dependencies,
  swap: Swap,
  { database, watch, tries }: Trying,
  signal: AbortSignal,
): Promise<Swapped> {
  const { warehouse, incoming, marker, older, undone, followsChanges, scope, note } = swap;
  const { schema } = warehouse;
  let positions: readonly StoredPosition[] | undefined;
  const planFor = (live: LiveState, known?: { readonly found: LiveSchema; readonly views: ViewMoves }) =>
    planReplacement({
      ...{ schema, stagingSchema: incoming, marker, live, older, undone: undone ?? false, followsChanges },
      positions,
      fingerprint: known?.found.surroundings.fingerprint,
      views: known?.views,
      ...tries.locks(),
    });
  const carry = (carrying: Omit<Carrying, 'scope' | 'watch'>) =>
    carryGrants(database, { ...carrying, scope, watch }, signal);
  /** Grants that were made while live was being replaced. */
  const carryMissed = async (backup: string, ours: readonly string[] | undefined) =>
    carry({
      from: { name: backup, catalogue: await catalogueIn(database, backup, signal) },
      to: { name: schema, catalogue: await catalogueIn(database, schema, signal) },
      ours,
      when: 'after',
    });
  for (let look = 0; look < MAX_LOOKS; look++) {
    note('reading live');
    const live = await observeLive(deps, warehouse, signal);
    const first = planFor(live);
    if (first.kind === 'done') {
      // Only after one of our attempts died between swap and grants. Later, a missing grant may have been revoked
      // on purpose.
      if (Context.current().info.attempt === 1) return {};
      const backups = await backupCandidates(database, warehouse, live.schemas, signal);
      const by = { undone: undone ?? false, replaced: swap.replaced };
      const made = backupMade(schema, marker.pipeline, backups, by);
      if (made !== undefined) await carryMissed(made.name, made.marker?.tables);
      return {};
    }
    if (first.kind === 'refuse') throw new Terminal(first.code, `${first.reason} ${first.whatToDo}`);
    swap.check?.(live);
    if (await isAhead(database, swap, live, signal)) return { behind: true };
    positions = !older && hasPositions(live) ? await swap.refuseNewer?.(signal) : undefined;
    note('looking for what depends on live');
    const known = await accountForSwap(database, { schema, live, incoming }, signal);
    const plan = planFor(live, known);
    if (plan.kind !== 'swap') continue;
    if (known !== undefined) {
      note('copying grants');
      await carry({
        from: { name: schema, catalogue: known.found.catalogue },
        to: { name: incoming, catalogue: known.entering },
        ours: live.marker?.tables,
        when: 'before',
      });
    }
    note('replacing');
    try {
      const name = `tributary replace ${schema}`;
      const swapped = await runLongTransaction(
        database,
        { name, scope, statements: plan.statements, watch: tries.watch() },
        signal,
      );
      // A transaction that was lost unnoticed has swapped nothing in.
      if (swapped.inSession && planFor(await observeLive(deps, warehouse, signal)).kind !== 'done') continue;
    } catch (error) {
      if (error instanceof NotInTime) {
        note('waiting for readers');
        await tries.pause(signal);
        look--;
        continue;
      }
      // Live has changed since it was planned: by another run, or by one of our attempts that died too early to know.
      const planned = planFor(await observeLive(deps, warehouse, signal), known);
      if (error instanceof GuardFailed || JSON.stringify(planned) !== JSON.stringify(plan)) continue;
      throw error;
    }
    tries.end();
    if (plan.backupSchema === undefined) return {};
    const { backupSchema } = plan;
    try {
      await carryMissed(backupSchema, live.marker?.tables);
    } catch (error) {
      if (!(error instanceof Terminal)) throw error;
      const left = `grants that were made or revoked on ${backupSchema} while it was being replaced`;
      const failure = cleanUpFailure({ schema, run: marker.run, left, cause: error.message });
      throw new Terminal(failure.code, failure.message);
    }
    const outcome = tries.outcome();
    const views = known?.found.boundViews.map(shownName) ?? [];
    return {
      backupSchema,
      ...(outcome === undefined ? {} : { note: outcome }),
      ...(views.length === 0 ? {} : { views }),
    };
  }
  throw new Terminal(
    'LiveContended',
    `Schema ${schema} changed ${MAX_LOOKS} times before it could be replaced. Is another run replacing it? ` +
      'Once that one has ended, start this one from replace.',
  );
}

/** Whether live has changes that the schema lacks. An apply to live that began before may still commit: the guard decides. */
async function isAhead(
  database: Warehouse,
  { warehouse: { schema }, incoming, older, followsChanges = false }: Swap,
  live: LiveState,
  signal: AbortSignal,
): Promise<boolean> {
  if (!followsChanges || older || !hasPositions(live)) return false;
  const [rows = []] = await query(
    database,
    `tributary positions of ${schema}`,
    [aheadQuery(schema, incoming)],
    signal,
  );
  return countAhead(rows) > 0;
}

/** Accounts for everything in live, and for what takes its place. Undefined if there is no live schema. */
async function accountForSwap(
  database: Warehouse,
  {
    schema,
    live,
    incoming,
  }: { readonly schema: string; readonly live: LiveState; readonly incoming: string },
  signal: AbortSignal,
) {
  if (!live.schemas.includes(schema)) return undefined;
  const entering = await catalogueIn(database, incoming, signal);
  const found = await refuseStoppers(
    database,
    { schema, live, newTables: dataTablesOf(entering), when: 'replace' },
    signal,
  );
  return found && { entering, found, views: movesOf(found, incoming, entering.relations) };
}

/** How the swap moves bound views. `relations` are those of the schema that comes in. */
function movesOf(found: LiveSchema, incoming: string, relations: readonly Relation[]): ViewMoves {
  const { boundViews, surroundings } = found;
  const views = relations.filter(({ kind }) => kind === 'view').map(({ name }) => name);
  const replaced = replacedViews(found, { schema: incoming, views }, surroundings.viewEdges);
  return viewMoves(boundViews, surroundings.loader.name, replaced);
}

interface Carrying extends Pick<GrantsOptions, 'ours' | 'when'> {
  readonly from: CataloguedSchema;
  readonly to: CataloguedSchema;
  /** The run's staging schema, so that a later run's identical grants are another transaction. */
  readonly scope: string;
  readonly watch: StatementWatch;
}

interface CataloguedSchema {
  readonly name: string;
  readonly catalogue: Catalogue;
}

async function carryGrants(
  database: Warehouse,
  { from, to, ours, when, scope, watch }: Carrying,
  signal: AbortSignal,
): Promise<void> {
  const statements = grantsPlan(from.catalogue, to.catalogue, { schema: to.name, ours, when });
  for (const batch of batches(statements)) {
    const name = `tributary grants of ${from.name}`;
    await runTransaction(database, { name, scope, statements: batch, watch }, signal);
  }
}
