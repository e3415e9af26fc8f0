import { quoteIdentifier } from './identifier.ts';

/** What only `doctor` asks of a warehouse. */

export const whoAmIQuery =
  'SELECT current_user AS "user_name", version() AS "version", ' +
  `TO_CHAR(GETDATE(), 'YYYY-MM-DD"T"HH24:MI:SS') AS "now"`;

/** One transaction that creates a schema and drops it. It succeeds only for a user who may create schemas. */
export const createSchemaProbe = (name: string) => [
  `CREATE SCHEMA ${quoteIdentifier(name)}`,
  `DROP SCHEMA ${quoteIdentifier(name)} RESTRICT`,
];
