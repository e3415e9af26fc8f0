import { copySql } from '../load/copy-statement.ts';
import { guardMarker } from '../load/marker.ts';
import { guardPositions, lockMarkerAndPositions, positionsAfter, writePositions } from '../load/positions.ts';
import { guardVerified, startFollowing } from '../load/schema-state.ts';
import { MAX_BATCH_BYTES } from '../sql/batches.ts';
import { type KeyPart, sameParts } from '../sql/exact-key.ts';
import { guard } from '../sql/guard.ts';
import type { GuardedStatement } from '../sql/guarded-statement.ts';
import { byteLength, qualified, quoteIdentifier } from '../sql/identifier.ts';
import { SET_ASIDE_TABLE } from '../sql/system-tables.ts';
import { type KeyColumn, keyColumnFor, keyColumns, SET_ASIDE_FIELDS } from './apply-keys.ts';
import type { ApplyPlan, ApplyTable } from './apply-plan.ts';
import { SET_ASIDE_COLUMNS } from './set-aside.ts';

/** What a guard makes sure of: if its statement fails, the apply did nothing. */
export type ApplyGuard =
  /** The schema is still that of the planned run: plan again. */
  | 'marker'
  /** No other writer was here since the apply was planned: plan again. */
  | 'positions'
  /** A staging schema is verified. */
  | 'verified'
  /** COPY read each key once: a fault of ours or of the warehouse. */
  | 'keys'
  /** The tables hold as many rows of these keys as were sent: a fault of ours or of the warehouse. */
  | 'rows'
  /** The positions are those that this transaction wrote at its beginning: the transaction was not ended early. */
  | 'attempt';

type Statement = GuardedStatement<ApplyGuard>;

/** The temporary table of keys. It ends with the transaction's connection. */
const KEYS_TABLE = '_tributary_keys';
const KEYS = quoteIdentifier(KEYS_TABLE);

/**
 * The statements of one apply, in one transaction: `runLongTransaction` takes them, in a session of its own if they are more
 * than 40. Tables that people query are never locked, so queries never wait. If it is submitted twice, the second time fails
 * a guard and changes nothing.
 *
 * 1. LOCK the marker, then the positions, which excludes other applies and the swap; then the guards on both.
 * 2. The positions, under this attempt.
 * 3. The keys, in a temporary table.
 * 4. Per table: DELETE the rows of these keys, COPY the new ones.
 * 5. Entries of these keys leave `_tributary_set_aside`, new ones enter.
 * 6. The guards on the result.
 */
export function applyStatements(plan: ApplyPlan): Statement[] {
  const { schema, before, after, attempt, isStaging } = plan;
  const columns = keyColumns(plan.key, plan.tables);
  const hasKeys = plan.keys.count > 0;
  return [
    { sql: lockMarkerAndPositions(schema) },
    { sql: guardMarker(schema, plan.marker), guard: 'marker' },
    { sql: guardPositions(schema, before), guard: 'positions' },
    ...(isStaging
      ? [{ sql: guardVerified(schema), guard: 'verified' as const }, { sql: startFollowing(schema) }]
      : []),
    ...writePositions(schema, after, attempt).map((sql) => ({ sql })),
    ...(hasKeys ? replacedKeys(plan, columns) : []),
    { sql: guardPositions(schema, positionsAfter(before, after, attempt)), guard: 'attempt' },
  ];
}

function replacedKeys(plan: ApplyPlan, columns: readonly KeyColumn[]): Statement[] {
  const { schema, keys, tables, ...options } = plan;
  const definitions = [
    '"key_hash" VARCHAR(64)',
    ...SET_ASIDE_COLUMNS.map(([name, type]) => `"${name}" ${type}`),
    ...columns.map(({ name, type }) => `"${name}" ${type}`),
  ];
  const keyFields = [...SET_ASIDE_FIELDS, ...columns.map(({ name }) => name)];
  const setAside = qualified(schema, SET_ASIDE_TABLE);
  const entry = SET_ASIDE_FIELDS.map((name) => `"${name}"`).join(', ');
  return [
    // On every node: it is joined with tables of any distribution.
    { sql: `CREATE TEMP TABLE ${KEYS} (${definitions.join(', ')}) DISTSTYLE ALL` },
    { sql: copySql({ ...options, table: KEYS_TABLE, columns: keyFields, manifestKey: keys.manifestKey }) },
    {
      sql: guard(
        `count(*) = ${keys.count}${keys.setAside === undefined ? '' : ` AND count("reason") = ${keys.setAside}`}`,
        KEYS,
      ),
      guard: 'keys',
    },
    ...tables.flatMap((table) => [
      { sql: deleteRows(schema, table, columns) },
      ...table.copies.map((copy) => ({
        sql: copySql({
          ...options,
          schema,
          table: table.name,
          columns: copy.columns,
          manifestKey: copy.manifestKey,
        }),
      })),
    ]),
    {
      sql: `DELETE FROM ${setAside} USING ${KEYS} WHERE ${quoteIdentifier(SET_ASIDE_TABLE)}."key_hash" = ${KEYS}."key_hash"`,
    },
    ...(keys.setAside === 0
      ? []
      : [
          {
            sql:
              `INSERT INTO ${setAside} (${entry}, "recorded_at") SELECT ${entry}, GETDATE() FROM ${KEYS} ` +
              'WHERE "reason" IS NOT NULL',
          },
        ]),
    ...rowGuards(plan, columns),
  ];
}

const deleteRows = (schema: string, table: ApplyTable, columns: readonly KeyColumn[]) =>
  `DELETE FROM ${qualified(schema, table.name)} USING ${KEYS} ` +
  `WHERE ${sameKey(table, columns, quoteIdentifier(table.name))}`;

/** The condition that a row of a table, under this name, has the key. */
function sameKey({ key }: ApplyTable, columns: readonly KeyColumn[], relation: string): string {
  const own: KeyPart[] = [];
  const sent: KeyPart[] = [];
  for (const [attribute, { name, type }] of key.entries()) {
    const column = keyColumnFor(columns, attribute, type);
    own.push({ column: `${relation}.${quoteIdentifier(name)}`, isText: column.isText });
    sent.push({ column: `${KEYS}.${quoteIdentifier(column.name)}`, isText: column.isText });
  }
  return sameParts(own, sent);
}

/** Leaves room for the statement around it. */
const MAX_GUARD_BYTES = MAX_BATCH_BYTES / 3;

/** One guard for all tables, or a few if they have very many or long names. */
function rowGuards({ schema, tables }: ApplyPlan, columns: readonly KeyColumn[]): Statement[] {
  const guards: Statement[] = [];
  let open: string[] = [];
  let bytes = 0;
  const close = () => {
    if (open.length > 0)
      guards.push({
        sql: guard('min("t"."exact") = 1', `(${open.join(' UNION ALL ')}) AS "t"`),
        guard: 'rows',
      });
    open = [];
    bytes = 0;
  };
  for (const table of tables) {
    const rows = table.copies.reduce((sum, copy) => sum + copy.rows, 0);
    const sql =
      `SELECT CASE WHEN count(*) = ${rows} THEN 1 ELSE 0 END AS "exact" FROM ${qualified(schema, table.name)} AS "r" ` +
      `JOIN ${KEYS} ON ${sameKey(table, columns, '"r"')}`;
    if (bytes + byteLength(sql) > MAX_GUARD_BYTES) close();
    open.push(sql);
    bytes += byteLength(sql);
  }
  close();
  return guards;
}
