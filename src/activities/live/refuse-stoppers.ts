import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { type Stopper, stopperQueries, stoppersOf } from '../../pipeline/replace/stoppers.ts';
import { queryNamed } from './live-schema.ts';

/**
 * What hangs on the live tables that a swap would break.
 * @param newTables the tables about to replace live's
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

/** @throws Terminal `ReplacementStopped` where something hangs on the live tables that the swap would break. */
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
    `Schema ${schema} cannot be replaced as it is: ` +
      `${stoppers.map(({ what, whatToDo }) => `${what} (${whatToDo})`).join('; ')}. ` +
      'Then start the run from prepare, or the rollback again; what was extracted is kept.',
  );
}
