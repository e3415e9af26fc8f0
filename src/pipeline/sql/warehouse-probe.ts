import { quoteIdentifier } from './identifier.ts';

/** What a check asks of a warehouse besides what runs ask anyway. */

export const whoAmIQuery =
  'SELECT current_user AS "user_name", version() AS "version", ' +
  `TO_CHAR(GETDATE(), 'YYYY-MM-DD"T"HH24:MI:SS') AS "now"`;

/** One transaction that makes a schema and drops it again: only who may create schemas gets through. */
export const createSchemaProbe = (name: string) => [
  `CREATE SCHEMA ${quoteIdentifier(name)}`,
  `DROP SCHEMA ${quoteIdentifier(name)} RESTRICT`,
];
