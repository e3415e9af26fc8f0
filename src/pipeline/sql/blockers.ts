import { z } from 'zod';
import { duration } from '../text/measures.ts';
import { cut, onOneLine } from '../text/sentences.ts';
import { Count, type ResultRow } from './rows.ts';

/** An open transaction that holds a lock on a relation that others wait for. */
interface Blocker {
  readonly pid: number;
  readonly user: string;
  readonly transactionSeconds: number;
  readonly relation: string;
  readonly lockMode: string;
}

/**
 * Finds the transactions that hold a lock on what this process waits for. Users other than superusers see only their
 * own transactions, so an empty result proves nothing.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
 */
export const blockersQuery = (waitingPid: number) =>
  'SELECT t.pid AS "pid", TRIM(t.txn_owner) AS "user_name", DATEDIFF(second, t.txn_start, GETDATE()) AS "seconds", ' +
  'n.nspname AS "schema_name", c.relname AS "relation_name", TRIM(t.lock_mode) AS "lock_mode" FROM svv_transactions t ' +
  `JOIN svv_transactions w ON w.relation = t.relation AND w.pid = ${waitingPid} AND NOT w.granted ` +
  'JOIN pg_class c ON c.oid = t.relation JOIN pg_namespace n ON n.oid = c.relnamespace ' +
  `WHERE t.granted AND t.pid <> ${waitingPid} ORDER BY t.txn_start`;

/** What those processes are running, as far as this user may see it. */
export const runningQuery = (pids: readonly number[]) =>
  'SELECT session_id AS "pid", query_text AS "sql" FROM sys_query_history ' +
  `WHERE status = 'running' AND session_id IN (${pids.join(', ')})`;

/** https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html */
export const terminateSql = (pid: number) => `SELECT pg_terminate_backend(${pid})`;

const BlockerRow = z.object({
  pid: Count,
  user_name: z.string().nullable(),
  seconds: z.union([z.number(), z.string(), z.null()]).transform(Number),
  schema_name: z.string(),
  relation_name: z.string(),
  lock_mode: z.string(),
});

/** One blocker per process: its first lock is enough. */
export function blockersOf(rows: readonly ResultRow[]): Blocker[] {
  const byPid = new Map<number, Blocker>();
  for (const row of z.array(BlockerRow).parse(rows)) {
    if (byPid.has(row.pid)) continue;
    byPid.set(row.pid, {
      pid: row.pid,
      user: row.user_name ?? 'unknown',
      transactionSeconds: row.seconds,
      relation: `${row.schema_name}.${row.relation_name}`,
      lockMode: row.lock_mode,
    });
  }
  return [...byPid.values()];
}

const RunningRow = z.object({ pid: Count, sql: z.string().nullable() });

/** The SQL being run, by process id. */
export function runningOf(rows: readonly ResultRow[]): Map<number, string> {
  const running = z.array(RunningRow).parse(rows);
  return new Map(running.flatMap(({ pid, sql }) => (sql === null ? [] : [[pid, sql] as const])));
}

const MAX_SQL_SHOWN = 200;

/**
 * For operators: `pid 4711 of bob, which has held AccessShareLock on nobel.nobel for up to 5 min 12 s, running: SELECT …;
 * to end it: SELECT pg_terminate_backend(4711)`. A user without a superuser's rights does not see what others run.
 */
export function blockerText(
  { pid, user, transactionSeconds, relation, lockMode }: Blocker,
  sql: string | undefined,
): string {
  const doing =
    sql === undefined
      ? ' (it runs no statement that this user can see)'
      : `, running: ${cut(onOneLine(sql), MAX_SQL_SHOWN)}`;
  const held = `which has held ${lockMode} on ${relation} for up to ${duration(transactionSeconds)}`;
  return `pid ${pid} of ${user}, ${held}${doing}; to end it: ${terminateSql(pid)}`;
}

/** The text of blockers without the statements that end them: for a report, because pids are used again. */
export const withoutTermination = (text: string): string =>
  text.replaceAll(/; to end it: SELECT pg_terminate_backend\(\d+\)/g, '');
