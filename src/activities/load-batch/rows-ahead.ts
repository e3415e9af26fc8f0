import { z } from 'zod';
import type { MergeRule, Target } from '../../pipeline/merge/target.ts';
import { typeOf } from '../../pipeline/merge/target.ts';
import { qualified, quoteIdentifier } from '../../pipeline/sql/identifier.ts';
import { Count } from '../../pipeline/sql/rows.ts';
import { query } from '../sql/transaction.ts';
import type { OpenLoader } from './open-batch.ts';
import { nameOf } from './prepare-target.ts';

const DATES: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz']);

/**
 * How many rows of a table that is merged into are dated more than a day ahead: nothing that arrives before that time
 * replaces them. Redshift reads only the blocks that hold such dates. Zero if `newest` is not a date or time.
 */
export async function rowsAhead(
  open: OpenLoader,
  target: Target,
  merge: MergeRule | undefined,
): Promise<number> {
  if (merge === undefined || !DATES.has(typeOf(target, merge.newest).sql)) return 0;
  const sql =
    `SELECT COUNT(*) AS "rows" FROM ${qualified(target.schema, target.table)} ` +
    `WHERE ${quoteIdentifier(merge.newest)} > DATEADD(day, 1, GETDATE())`;
  const name = `tributary rows ahead in ${nameOf(open)}`;
  const [rows = []] = await query(open.database, name, [sql], open.signal, open.watch);
  return z.tuple([z.object({ rows: Count })]).parse(rows)[0].rows;
}
