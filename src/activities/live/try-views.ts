import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { Warehouse } from '../../clients/warehouse.ts';
import type { BoundView } from '../../pipeline/replace/bound-view.ts';
import { batches } from '../../pipeline/sql/batches.ts';
import { qualified, quoteIdentifier } from '../../pipeline/sql/identifier.ts';
import { runTransaction } from '../sql/transaction.ts';

/**
 * Whether Redshift accepts the definitions that it shows of bound views. Each view is created in a schema that the same
 * transaction drops, so that nothing remains. That every definition can be sent again is not documented.
 * @returns the views that cannot be created, with Redshift's reason.
 */
export async function viewsThatFail(
  database: Warehouse,
  views: readonly BoundView[],
  signal: AbortSignal,
): Promise<{ readonly view: BoundView; readonly reason: string }[]> {
  const byQuery = Map.groupBy(views, ({ query }) => query);
  const failed: { view: BoundView; reason: string }[] = [];
  for (const queries of batches([...byQuery.keys()].filter((query) => query !== undefined))) {
    if ((await reasonOf(database, queries, signal)) === undefined) continue;
    for (const query of queries) {
      const reason = await reasonOf(database, [query], signal);
      if (reason === undefined) continue;
      for (const view of byQuery.get(query) ?? []) failed.push({ view, reason });
    }
  }
  return failed;
}

async function reasonOf(
  database: Warehouse,
  queries: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const schema = `tributary_try_${randomBytes(6).toString('hex')}`;
  const statements = [
    `CREATE SCHEMA ${quoteIdentifier(schema)}`,
    ...queries.map((query, index) => `CREATE VIEW ${qualified(schema, `v${index}`)} AS ${query}`),
    `DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`,
  ];
  try {
    await runTransaction(database, { name: 'tributary try views', scope: schema, statements }, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    return error.message;
  }
}
