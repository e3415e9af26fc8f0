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
  await untilFinished(warehouse, id, statements);
  const results: (readonly Row[])[] = [];
  for (const [i, statement] of statements.entries())
    results.push(/^\s*(select|with)/i.test(statement) ? await warehouse.rows(id, i + 1) : []);
  return results;
}

/**
 * Opens a session for one transaction, whose statements are then run one by one.
 * @returns runs a statement; it throws if the statement fails
 */
export function openTransaction(warehouse: Warehouse): (statement: string) => Promise<void> {
  let session: string | undefined;
  return async (statement) => {
    const clientToken = randomBytes(16).toString('hex');
    const submitted = await warehouse.submitInSession(statement, {
      ...{ name: 'test', clientToken, session, keepAliveSeconds: 60 },
    });
    session = submitted.session;
    await untilFinished(warehouse, submitted.id, [statement]);
  };
}

async function untilFinished(warehouse: Warehouse, id: string, statements: readonly string[]): Promise<void> {
  for (;;) {
    const state = await warehouse.describe(id, { waitSeconds: 20 });
    if (state.status === 'FINISHED') return;
    if (state.status === 'FAILED' || state.status === 'ABORTED')
      throw new Error(`${statements.join('; ')}: ${state.error}`);
  }
}

/** A row with its values as text. */
export const textRow = (row: Row): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
