import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import { inventoryOf, type LiveSchema, stoppersOf } from '../../pipeline/replace/inventory.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { observeInventory } from './live-inventory.ts';

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
  readonly newTables: readonly string[] | undefined;
  readonly when: keyof typeof NEXT;
}

/**
 * Accounts for everything that a swap of the live schema touches.
 * @returns what was found, or undefined if there is no live schema.
 * @throws Terminal `ReplacementStopped` if the swap would lose something, or leave it on old data.
 */
export async function refuseStoppers(
  database: Warehouse,
  { schema, live, newTables, when }: Replacing,
  signal: AbortSignal,
): Promise<LiveSchema | undefined> {
  if (!live.schemas.includes(schema)) return undefined;
  const found = await observeInventory(database, schema, live, signal);
  const stoppers = stoppersOf(inventoryOf(found, newTables));
  if (stoppers.length === 0) return found;
  throw new Terminal(
    'ReplacementStopped',
    `Schema ${schema} cannot be replaced yet: ` +
      `${stoppers.map(({ what, whatToDo }) => `${what} (${whatToDo})`).join('; ')}. ${NEXT[when]}`,
  );
}
