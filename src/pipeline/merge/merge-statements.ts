import { guard } from '../sql/guard.ts';
import { byteLength, qualified, quoteIdentifier } from '../sql/identifier.ts';
import { textSql } from '../sql/text-sql.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { countedBatch } from './batches-table.ts';
import { beside, besideName } from './beside-tables.ts';
import type { ColumnType } from './column-type.ts';
import { greatestFirst, rankingSteps } from './precedence.ts';
import { replacedRows } from './replace.ts';
import { distinctKey, sameKey } from './same-key.ts';
import { setAside } from './set-aside.ts';
import { type StagedColumn, stagedColumns, stagingStatements } from './staging.ts';
import { type MergeRule, type Target, typeOf } from './target.ts';
import {
  DELETED,
  distribution,
  INCOMING,
  isUnordered,
  KEPT,
  KEYS,
  READ,
  ROW,
  ranked,
  readRows,
} from './temporary-tables.ts';
import { guardedTransaction } from './transaction.ts';

/**
 * The statements of a batch that merges, in one transaction. Of all rows and deletes with the same key, in the target, the
 * tombstones and the files together, the greatest wins (precedence.ts), and only the greatest is stored: as a row of the
 * target, or as a tombstone. So neither the batches that files come in, nor their order, nor repetition matters.
 *
 * The target is never locked, so queries never wait.
 */
export function mergeStatements(load: BatchLoad, rule: MergeRule): Statement[] {
  const { target, batch } = load;
  const steps = rankingSteps(target, rule);
  const best = `${INCOMING} JOIN ${ranked(steps.length)} ON ${ROW} = ${KEPT}`;
  const all = target.columns.map(({ name }) => name);
  const table = qualified(target.schema, target.table);
  const tombstones = beside('tombstones', target);
  const stored = [...rule.key, rule.newest];
  const statements: Statement[] = [
    ...load.groups.flatMap((_, n) => stagingStatements(load, n)),
    { sql: createIncoming(target) },
    ...load.groups.map((_, n) => ({ sql: insertIncoming(load, rule, n) })),
    { sql: setAside(target, rule, batch) },
    {
      sql:
        `CREATE TEMP TABLE ${KEYS}${distribution(target, rule.key)} AS SELECT ${list(rule.key)} FROM ${INCOMING} ` +
        `WHERE NOT (${isUnordered(rule)}) GROUP BY ${distinctKey(target, rule)}`,
    },
    ...(load.replace === undefined ? [] : replacedRows(load, load.replace, rule)),
    // What is stored under these keys competes with what was read.
    {
      sql:
        `INSERT INTO ${INCOMING} (${list(all)}, ${DELETED}, ${READ}) SELECT ${list(all, '"stored"')}, 0, 0 ` +
        `FROM ${table} AS "stored" JOIN ${KEYS} ON ${sameKey(target, rule, '"stored"', KEYS)}`,
    },
    {
      sql:
        `INSERT INTO ${INCOMING} (${list(stored)}, ${DELETED}, ${READ}) SELECT ${list(stored, '"stored"')}, 1, 0 ` +
        `FROM ${tombstones} AS "stored" JOIN ${KEYS} ON ${sameKey(target, rule, '"stored"', KEYS)}`,
    },
    ...rankingStatements(target, rule, steps),
    { sql: deleteKeys(target, rule, table, target.table) },
    { sql: deleteKeys(target, rule, tombstones, besideName('tombstones', target.table)) },
    { sql: `INSERT INTO ${table} (${list(all)}) SELECT ${list(all)} FROM ${best} WHERE ${DELETED} = 0` },
    {
      sql:
        `INSERT INTO ${tombstones} (${list(stored)}, "_tributary_recorded_at") ` +
        `SELECT ${list(stored)}, GETDATE() FROM ${best} WHERE ${DELETED} = 1`,
    },
  ];
  return guardedTransaction(load, {
    statements,
    batchRow: countedBatch(
      load,
      `(SELECT COALESCE(SUM(${READ}), 0) AS "read", ` +
        `COALESCE(SUM(CASE WHEN ${READ} = 1 AND (${isUnordered(rule)}) THEN 1 ELSE 0 END), 0) AS "set_aside" ` +
        `FROM ${INCOMING}) AS "i" CROSS JOIN ` +
        `(SELECT COALESCE(SUM(CASE WHEN ${READ} = 1 AND ${DELETED} = 0 THEN 1 ELSE 0 END), 0) AS "written", ` +
        `COALESCE(SUM(CASE WHEN ${READ} = 1 AND ${DELETED} = 1 THEN 1 ELSE 0 END), 0) AS "deleted" FROM ${best}) AS "b"`,
    ),
    guards: [{ sql: eachKeyOnce(target, rule, table, tombstones), guard: 'rows' }],
  });
}

const list = (names: readonly string[], relation?: string) =>
  names
    .map((name) => (relation === undefined ? quoteIdentifier(name) : `${relation}.${quoteIdentifier(name)}`))
    .join(', ');

/** The target's columns, all nullable, and ours. */
function createIncoming(target: Target): string {
  const columns = target.columns.map(({ name }) => `${quoteIdentifier(name)} ${typeOf(target, name).sql}`);
  const names = target.columns.map(({ name }) => name);
  return (
    `CREATE TEMP TABLE ${INCOMING} (${columns.join(', ')}, ${DELETED} SMALLINT NOT NULL, ${READ} SMALLINT NOT NULL, ` +
    `${ROW} BIGINT IDENTITY(1, 1))` +
    distribution(target, names)
  );
}

/** The rows of one group, by name. Columns that its files lack are NULL. */
function insertIncoming(load: BatchLoad, rule: MergeRule, n: number): string {
  const columns = stagedColumns(load.target, load.groups[n]!);
  const into = columns.flatMap((column) => column.into ?? []);
  const values = [...into.map(({ value }) => value), isDelete(load.target, rule, columns), '1'];
  return (
    `INSERT INTO ${INCOMING} (${list(into.map(({ column }) => column))}, ${DELETED}, ${READ}) ` +
    `SELECT ${values.join(', ')} FROM ${readRows(n)}`
  );
}

/** 1 for a delete, else 0: also if the files lack the column, or it is NULL. */
function isDelete(target: Target, { deletes }: MergeRule, columns: readonly StagedColumn[]): string {
  const staged = columns.find(({ file }) => file.name.toLowerCase() === deletes?.column.toLowerCase());
  if (deletes === undefined || staged === undefined) return '0';
  const { sql, into } = staged;
  const kind = into === undefined ? 'character' : typeOf(target, into.column).kind;
  const tests = deletes.values.flatMap((value) => isValue(sql, kind, value) ?? []);
  if (tests.length === 0) return '0';
  return `CASE WHEN ${tests.map((test) => `(${test})`).join(' OR ')} THEN 1 ELSE 0 END`;
}

/** The condition that a column has this value, exactly; undefined if no value of its type is written so. */
function isValue(sql: string, kind: ColumnType['kind'], value: string): string | undefined {
  if (kind === 'character' || kind === 'char')
    return `${sql} = ${textSql(value)} AND OCTET_LENGTH(${sql}) = ${byteLength(value)}`;
  if (kind === 'whole') return /^-?\d{1,18}$/.test(value) ? `${sql} = ${value}` : undefined;
  if (kind !== 'boolean') return undefined;
  if (/^(?:t|true|y|yes|1)$/i.test(value)) return sql;
  return /^(?:f|false|n|no|0)$/i.test(value) ? `NOT ${sql}` : undefined;
}

/**
 * Finds the greatest of each key, by the numbers of their rows. The first step compares `newest` and deletes; each further one
 * only what is still equal, by some of the other columns: a query cannot sort by 1,600. The last step keeps one of rows that
 * are the same altogether: the stored one, which is not counted as written.
 */
function rankingStatements(
  target: Target,
  rule: MergeRule,
  steps: readonly (readonly string[])[],
): Statement[] {
  const key = distinctKey(target, rule);
  const step = (n: number, from: string, call: string, terms: readonly string[]) => ({
    sql:
      `CREATE TEMP TABLE ${ranked(n)} AS SELECT ${ROW} AS ${KEPT} FROM (SELECT ${ROW}, ${call} OVER ` +
      `(PARTITION BY ${key} ORDER BY ${terms.join(', ')}) AS "rank" FROM ${from}) AS "r" WHERE "rank" = 1`,
  });
  // A row that was stored without `newest` loses to every row with one.
  const ordered = `${INCOMING} WHERE ${READ} = 0 OR NOT (${isUnordered(rule)})`;
  const last = steps.length - 1;
  return [
    step(0, ordered, 'RANK()', [...greatestFirst(target, rule.newest), `${DELETED} DESC`]),
    ...steps.map((terms, n) => {
      const from = `${INCOMING} JOIN ${ranked(n)} ON ${ROW} = ${KEPT}`;
      return n === last
        ? step(n + 1, from, 'ROW_NUMBER()', [...terms, READ])
        : step(n + 1, from, 'RANK()', terms);
    }),
  ];
}

/** @param name of the table, unqualified: a DELETE has no alias */
const deleteKeys = (target: Target, rule: MergeRule, table: string, name: string) =>
  `DELETE FROM ${table} USING ${KEYS} WHERE ${sameKey(target, rule, quoteIdentifier(name), KEYS)}`;

/** A guard: each key of the files is in the target or the tombstones, exactly once. */
function eachKeyOnce(target: Target, rule: MergeRule, table: string, tombstones: string): string {
  const from = (stored: string) =>
    `SELECT ${list(rule.key, '"stored"')} FROM ${stored} AS "stored" JOIN ${KEYS} ON ` +
    sameKey(target, rule, '"stored"', KEYS);
  const stored =
    `SELECT count(*) AS "keys", COALESCE(max("found"), 1) AS "most" FROM (SELECT count(*) AS "found" ` +
    `FROM (${from(table)} UNION ALL ${from(tombstones)}) AS "s" GROUP BY ${distinctKey(target, rule)}) AS "f"`;
  return guard(
    'max("stored"."keys") = max("wanted"."keys") AND max("stored"."most") = 1',
    `(${stored}) AS "stored" CROSS JOIN (SELECT count(*) AS "keys" FROM ${KEYS}) AS "wanted"`,
  );
}
