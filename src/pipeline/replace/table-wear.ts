import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';

/** What many applies leave in a table until VACUUM: rows that are marked as deleted, and rows that are not sorted. */

/**
 * Rows with and without those marked as deleted, and the share that is not sorted, in percent. The view omits empty tables, and
 * by default only superusers may read it.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export const wearQuery = (schema: string): string =>
  'SELECT "table" AS "name", "tbl_rows" AS "rows", "estimated_visible_rows" AS "visible", "unsorted" FROM svv_table_info ' +
  `WHERE "schema" = ${quoteLiteral(schema)} ORDER BY "table"`;

/** A table whose queries read much that they do not need. */
export interface WornTable {
  readonly name: string;
  /** Rows marked as deleted, of all rows, in percent. */
  readonly deletedPercent: number;
  /** Rows in the unsorted region, in percent. 0 if the table has no sort key. */
  readonly unsortedPercent: number;
}

/** Redshift vacuums by itself when it is idle: less than this is not worth a mention. */
const LEAST_ROWS = 10_000;
const MOST_PERCENT = 30;

const Row = z.object({
  name: z.string(),
  rows: z.coerce.number(),
  visible: z.coerce.number(),
  unsorted: z.coerce.number(),
});

/** The tables that need a VACUUM, of the answer to `wearQuery`. */
export function wornTables(rows: readonly ResultRow[]): WornTable[] {
  return z
    .array(Row)
    .parse(rows)
    .map(({ name, rows: all, visible, unsorted }) => ({
      ...{ name, all, unsortedPercent: Math.round(unsorted) },
      deletedPercent: all === 0 ? 0 : Math.round((Math.max(0, all - visible) / all) * 100),
    }))
    .filter(
      ({ all, deletedPercent, unsortedPercent }) =>
        all >= LEAST_ROWS && Math.max(deletedPercent, unsortedPercent) > MOST_PERCENT,
    )
    .map(({ name, deletedPercent, unsortedPercent }) => ({ name, deletedPercent, unsortedPercent }));
}
