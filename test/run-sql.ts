import { randomBytes } from 'node:crypto';
import type { Row, Warehouse } from '../src/clients/warehouse.ts';

/**
 * Runs statements in one transaction of the warehouse.
 * @returns the rows of each statement; none of one that is not a query
 * @throws Error with the statements and the warehouse's error, if the transaction failed
 */
export async function runSql(
  warehouse: Warehouse,
  statements: readonly string[],
): Promise<(readonly Row[])[]> {
  const clientToken = randomBytes(16).toString('hex');
  const id = await warehouse.submit(statements, { name: 'test', clientToken });
  for (;;) {
    const state = await warehouse.describe(id, { waitSeconds: 20 });
    if (state.status === 'FINISHED') break;
    if (state.status === 'FAILED' || state.status === 'ABORTED')
      throw new Error(`${statements.join('; ')}: ${state.error}`);
  }
  const results: (readonly Row[])[] = [];
  for (const [i, statement] of statements.entries())
    results.push(/^\s*(select|with)/i.test(statement) ? await warehouse.rows(id, i + 1) : []);
  return results;
}

/** A row with its values as text. */
export const textRow = (row: Row): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
