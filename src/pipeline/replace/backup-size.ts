import { qualified, quoteLiteral } from '../sql/identifier.ts';
import { LEDGER_TABLE } from '../sql/system-tables.ts';

/** How much a schema that Tributary made holds: by its ledger the rows, by Redshift the disk. */

export const rowsPerSchemaQuery = (schema: string) =>
  `SELECT sum("rows") AS "rows" FROM ${qualified(schema, LEDGER_TABLE)}`;

/**
 * Redshift's disk blocks, of 1 MB. The view shows no empty tables, and by default only superusers may read it.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export const sizeQuery = (schema: string) =>
  'SELECT count(*) AS "tables", sum("size") AS "megabytes" FROM svv_table_info ' +
  `WHERE "schema" = ${quoteLiteral(schema)}`;
