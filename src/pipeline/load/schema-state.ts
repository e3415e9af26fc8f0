import { z } from 'zod';
import { guard } from '../sql/guard.ts';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';
import { STATE_TABLE } from '../sql/system-tables.ts';

/**
 * How far a run's schema has come, for a pipeline that follows changes: one row in `_tributary_state`. Counts that hold after
 * the load no longer hold once changes are applied, so phases that count do nothing from `verified` on.
 */
export const SchemaState = z.enum(['loaded', 'verified', 'following']);
export type SchemaState = z.infer<typeof SchemaState>;

export const createState = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, STATE_TABLE)} ("state" VARCHAR(16) NOT NULL) DISTSTYLE ALL`;

export const stateQuery = (schema: string) => `SELECT "state" FROM ${qualified(schema, STATE_TABLE)}`;

/** The answer to `stateQuery`; undefined: nothing was loaded yet. */
export const stateOf = (rows: readonly ResultRow[]): SchemaState | undefined =>
  z
    .array(z.object({ state: SchemaState }))
    .max(1)
    .parse(rows)[0]?.state;

/**
 * Statements that set the state, for one transaction. They can be repeated. A guard fails if the schema has come further.
 */
export function setState(schema: string, state: SchemaState): string[] {
  const table = qualified(schema, STATE_TABLE);
  return [
    `LOCK TABLE ${table}`,
    guard(`count(*) = SUM(CASE WHEN ${isAtMost(state)} THEN 1 ELSE 0 END) OR count(*) = 0`, table),
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} ("state") VALUES (${quoteLiteral(state)})`,
  ];
}

/** Whether the schema is verified: what counts rows has nothing left to do. */
export const isVerified = (state: SchemaState | undefined): boolean =>
  state === 'verified' || state === 'following';

/** Fails once the schema is verified. For transactions that rely on counts of rows. */
export const guardNotVerified = (schema: string) =>
  guard(
    `count(*) = SUM(CASE WHEN ${isAtMost('loaded')} THEN 1 ELSE 0 END) OR count(*) = 0`,
    qualified(schema, STATE_TABLE),
  );

/** Fails unless the schema is verified, or changes were applied to it before. */
export const guardVerified = (schema: string) =>
  guard(`count(*) = 1 AND min("state") IN ('verified', 'following')`, qualified(schema, STATE_TABLE));

/** Marks a schema to which changes are applied. */
export const startFollowing = (schema: string) =>
  `UPDATE ${qualified(schema, STATE_TABLE)} SET "state" = 'following' WHERE "state" <> 'following'`;

function isAtMost(state: SchemaState): string {
  const states = SchemaState.options.slice(0, SchemaState.options.indexOf(state) + 1);
  return `"state" IN (${states.map(quoteLiteral).join(', ')})`;
}
