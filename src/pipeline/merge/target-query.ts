import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import type { Target, TargetColumn } from './target.ts';

/** A target as the catalogue has it. */
export interface FoundTarget extends Target {
  /** Changes if the table is dropped and created again, or another one takes its name. */
  readonly tableId: number;
}

/**
 * The columns and the id of a table, from the leader node's catalogue. It never waits for a batch, because it reads none of
 * the tables themselves.
 */
export function targetQuery(schema: string, table: string): string {
  return (
    'SELECT c.oid::BIGINT AS "table_id", a.attname::VARCHAR AS "name", ' +
    'FORMAT_TYPE(a.atttypid, a.atttypmod)::VARCHAR AS "type", v.column_default::VARCHAR AS "default", ' +
    'v.collation_name::VARCHAR AS "collation" FROM pg_class AS c ' +
    'JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
    'JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ' +
    'LEFT JOIN svv_columns AS v ON v.table_schema = n.nspname AND v.table_name = c.relname AND v.column_name = a.attname ' +
    `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname = ${quoteLiteral(table)} AND c.relkind = 'r' ORDER BY a.attnum`
  );
}

const Row = z.object({
  table_id: Count,
  name: z.string(),
  type: z.string(),
  default: z.string().nullable(),
  collation: z.string().nullable(),
});

/** Parses the answer to `targetQuery`. Undefined: there is no such table. */
export function foundTarget(
  schema: string,
  table: string,
  rows: readonly ResultRow[],
): FoundTarget | undefined {
  const [first, ...others] = z.array(Row).parse(rows);
  if (first === undefined) return undefined;
  const columns = [first, ...others].map(
    (row): TargetColumn => ({
      name: row.name,
      type: row.type,
      ...(/case_insensitive/i.test(row.collation ?? '') ? { isCaseInsensitive: true } : {}),
      // https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html: its default calls "identity".
      ...(/^"?identity"?\(/i.test(row.default ?? '') ? { isIdentity: true } : {}),
    }),
  );
  return { schema, table, columns, tableId: first.table_id };
}
