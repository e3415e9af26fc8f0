import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { type Stopper, stopperQueries, stoppersOf } from '../../pipeline/replace/stoppers.ts';
import { queryNamed } from './live-schema.ts';

/**
 * What depends on the live tables and would break in a swap.
 * @param newTables the tables that will replace those of live
 */
export async function findStoppers(
  database: Warehouse,
  schema: string,
  live: LiveState,
  newTables: readonly string[],
  signal: AbortSignal,
): Promise<Stopper[]> {
  const rows = await queryNamed(database, `tributary stoppers of ${schema}`, stopperQueries(schema), signal);
  return stoppersOf(schema, live, newTables, rows);
}

/** @throws Terminal `ReplacementStopped` if something that depends on the live tables would break in the swap. */
export async function refuseStoppers(
  database: Warehouse,
  schema: string,
  live: LiveState,
  newTables: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const stoppers = await findStoppers(database, schema, live, newTables, signal);
  if (stoppers.length === 0) return;
  throw new Terminal(
    'ReplacementStopped',
    `Schema ${schema} cannot be replaced yet: ` +
      `${stoppers.map(({ what, whatToDo }) => `${what} (${whatToDo})`).join('; ')}. ` +
      'Then start the run from prepare, or repeat the rollback. What was extracted is kept.',
  );
}
