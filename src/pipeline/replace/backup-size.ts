import { qualified, quoteLiteral } from '../sql/identifier.ts';
import { LEDGER_TABLE } from '../sql/system-tables.ts';

/** The size of a schema that Tributary created: rows from its ledger, disk space from Redshift. */

export const rowsPerSchemaQuery = (schema: string) =>
  `SELECT sum("rows") AS "rows" FROM ${qualified(schema, LEDGER_TABLE)}`;

/**
 * The number of tables and their size in megabytes. The view omits empty tables, and by default only superusers may
 * read it.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export const sizeQuery = (schema: string) =>
  'SELECT count(*) AS "tables", sum("size") AS "megabytes" FROM svv_table_info ' +
  `WHERE "schema" = ${quoteLiteral(schema)}`;
