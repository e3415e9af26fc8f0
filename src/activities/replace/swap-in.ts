import { Context } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Marker } from '../../pipeline/load/marker.ts';
import { backupMade } from '../../pipeline/replace/backups.ts';
import { grantsPlan } from '../../pipeline/replace/grants-plan.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { planReplacement } from '../../pipeline/replace/replace-plan.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { catalogueIn, observeLive } from '../live/live-schema.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { GuardFailed, runTransaction } from '../sql/transaction.ts';
import type { StatementWatch } from '../sql/until-ended.ts';
import { watchStatement } from '../sql/watch-statement.ts';

/** How often live may change between look and swap before somebody should see who changes it. */
const MAX_LOOKS = 5;

interface Swap {
  readonly warehouse: WarehouseDefinition;
  /** The schema to take live's place, and what its marker says. */
  readonly incoming: string;
  readonly marker: Marker;
  /** Replace even what was extracted later. */
  readonly older: boolean;
  /** What is live is rolled back from. */
  readonly undone?: boolean;
  /** The run that is live, where the swap is meant for that one alone. */
  readonly replaced?: string | undefined;
  /** Part of the client tokens: what is done again under the same scope is taken for the same transaction. */
  readonly scope: string;
  /** @throws Terminal where what is live is not what this swap was meant for. */
  readonly check?: (live: LiveState) => void;
  /** For people: what is being done. */
  readonly note: (text: string) => void;
}

/**
 * Swaps a schema in: compare-and-swap on live's marker, one transaction. Done before, it finds its own marker and
 * is done. Grants, owners, comments and late-binding views are carried over before the swap, and what was granted
 * meanwhile after it.
 */
export async function swapIn(
  deps: Dependencies,
  swap: Swap,
  signal: AbortSignal,
): Promise<{ readonly backupSchema?: string }> {
  const { warehouse, incoming, marker, older, undone, scope, note } = swap;
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  const watch = watchStatement({ database, warehouse, phase: 'replace', note, signal });
  const planFor = (live: LiveState) =>
    planReplacement({
      ...{ schema, stagingSchema: incoming, marker, live, older, undone: undone ?? false },
      waitForReaders: warehouse.waitForReaders,
    });
  for (let look = 0; look < MAX_LOOKS; look++) {
    note('looking at live');
    const live = await observeLive(deps, warehouse, signal);
    const plan = planFor(live);
    if (plan.kind === 'done') {
      // Only after an attempt of ours that died between swap and grants: later, a grant that is missing may
      // have been taken back on purpose.
      if (Context.current().info.attempt === 1) return {};
      const backups = await backupCandidates(database, warehouse, live.schemas, signal);
      const by = { undone: undone ?? false, replaced: swap.replaced };
      const made = backupMade(schema, marker.pipeline, backups, by);
      if (made !== undefined) await carryGrants(database, made.name, schema, scope, watch, signal);
      return {};
    }
    if (plan.kind === 'refuse') throw new Terminal(plan.code, `${plan.reason} ${plan.whatToDo}`);
    swap.check?.(live);
    if (live.schemas.includes(schema)) {
      note('carrying grants over');
      await carryGrants(database, schema, incoming, scope, watch, signal);
    }
    note('replacing');
    try {
      const name = `tributary replace ${schema}`;
      await runTransaction(database, { name, scope, statements: plan.statements, watch }, signal);
    } catch (error) {
      // Live changed under the plan, by another run or by an attempt of ours that died before it knew.
      const planned = planFor(await observeLive(deps, warehouse, signal));
      if (error instanceof GuardFailed || JSON.stringify(planned) !== JSON.stringify(plan)) continue;
      throw error;
    }
    if (plan.backupSchema === undefined) return {};
    await carryGrants(database, plan.backupSchema, schema, scope, watch, signal);
    return { backupSchema: plan.backupSchema };
  }
  throw new Terminal(
    'LiveContended',
    `Schema ${schema} changed ${MAX_LOOKS} times while it was to be replaced: is another run replacing it? ` +
      'Start it again from replace when that one has ended.',
  );
}

/** `scope` is the run's staging schema: the same grants given again by a later run are another transaction. */
async function carryGrants(
  database: Warehouse,
  from: string,
  to: string,
  scope: string,
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<void> {
  const statements = grantsPlan(
    await catalogueIn(database, from, signal),
    await catalogueIn(database, to, signal),
    to,
  );
  for (const batch of batches(statements)) {
    const name = `tributary grants of ${from}`;
    await runTransaction(database, { name, scope, statements: batch, watch }, signal);
  }
}
