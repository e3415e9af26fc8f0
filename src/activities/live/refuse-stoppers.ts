import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { identitiesOf, refusedIdentity } from '../../pipeline/replace/identities.ts';
import {
  type Accounted,
  carriedViews,
  inventoryOf,
  type LiveSchema,
  type NewTables,
  refusedView,
  stoppersOf,
} from '../../pipeline/replace/inventory.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { observeInventory } from './live-inventory.ts';
import { identitiesThatFail } from './try-identities.ts';
import { viewsThatFail } from './try-views.ts';

/** When the live schema is checked, and what to do once the stoppers are gone. */
const NEXT = {
  plan: 'Then start a new run. Nothing has been read yet.',
  prepare: 'Then start the run from prepare, or repeat the rollback. What was extracted is kept.',
  replace: 'Then start the run from replace, or repeat the rollback. What was loaded is kept.',
};

export interface Replacing {
  readonly schema: string;
  readonly live: LiveState;
  /** The tables that will replace those of live; undefined before they are known. */
  readonly newTables: NewTables | undefined;
  readonly when: keyof typeof NEXT;
}

/**
 * Accounts for everything that a swap of the live schema touches. Before the swap itself, it also tries whether its bound
 * views can be created, and whether those who have privileges can be named.
 */
export async function accountFor(
  database: Warehouse,
  { schema, live, newTables, when }: Replacing,
  signal: AbortSignal,
): Promise<{ readonly found: LiveSchema; readonly inventory: readonly Accounted[] }> {
  const found = await observeInventory(database, schema, live, signal);
  const inventory = inventoryOf(found, newTables);
  if (when === 'replace') return { found, inventory };
  const failed = await viewsThatFail(database, carriedViews(found, inventory), signal);
  const gone = await identitiesThatFail(database, identitiesOf(found), signal);
  return {
    found,
    inventory: [
      ...inventory,
      ...failed.map(({ view, reason }) => refusedView(view, reason)),
      ...gone.map(({ identity, reason }) => refusedIdentity(identity, reason)),
    ],
  };
}

/**
 * @returns what was found, or undefined if there is no live schema.
 * @throws Terminal `ReplacementStopped` if the swap would lose something, or leave it on old data.
 */
export async function refuseStoppers(
  database: Warehouse,
  replacing: Replacing,
  signal: AbortSignal,
): Promise<LiveSchema | undefined> {
  const { schema, live, when } = replacing;
  if (!live.schemas.includes(schema)) return undefined;
  const { found, inventory } = await accountFor(database, replacing, signal);
  const stoppers = stoppersOf(inventory);
  if (stoppers.length === 0) return found;
  throw new Terminal(
    'ReplacementStopped',
    `Schema ${schema} cannot be replaced yet: ` +
      `${stoppers.map(({ what, whatToDo }) => `${what} (${whatToDo})`).join('; ')}. ${NEXT[when]}`,
  );
}
