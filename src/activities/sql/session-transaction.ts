import { endRunning } from './end-running.ts';
import { randomToken } from './random-token.ts';
import type { Try } from './transaction.ts';
import { type Ended, untilEnded } from './until-ended.ts';

/**
 * How long a session may be idle between two statements. If its caller is lost, it keeps its locks for as long; then it
 * ends, and its transaction is rolled back.
 */
const KEEP_ALIVE_SECONDS = 60;

/**
 * Runs a transaction that has more statements than a batch, one by one in a session of its own, from BEGIN to COMMIT. A
 * statement that fails rolls it back. `failedStatement` counts without BEGIN, as in a batch.
 *
 * A batch inside a transaction of a session might commit it, so each statement is sent alone:
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
 */
export async function endedInSession({
  warehouse,
  transaction: { name, statements, watch },
  signal,
}: Try): Promise<{ readonly id: string; readonly ended: Ended }> {
  let session: string | undefined;
  const submit = async (sql: string) => {
    // Every try is new: no token could tell how far an earlier one came.
    const clientToken = randomToken();
    const submitted = await warehouse.submitInSession(sql, {
      ...{ name, clientToken, session, keepAliveSeconds: KEEP_ALIVE_SECONDS },
    });
    session = submitted.session;
    return submitted.id;
  };
  const run = async (sql: string, watched = watch) => {
    signal.throwIfAborted();
    const id = await submit(sql);
    return { id, ended: await untilEnded(warehouse, { id, name }, watched, signal) };
  };
  // Frees the locks at once. If it fails, the session ends by itself.
  const rollBack = async () => {
    if (session !== undefined) await submit('ROLLBACK').catch(() => {});
  };
  // No token finds what an earlier try has left running.
  await endRunning(warehouse, name, signal);
  try {
    const startedMs = Date.now();
    const begun = await run('BEGIN');
    if (begun.ended.status !== 'FINISHED') return begun;
    for (const [index, sql] of statements.entries()) {
      // Locks are held until the end, so an only try limits all its statements together.
      const leftSeconds = watch.timeLimitSeconds - (watch.isOnlyTry ? (Date.now() - startedMs) / 1000 : 0);
      const { id, ended } = await run(sql, { ...watch, timeLimitSeconds: Math.max(0, leftSeconds) });
      if (ended.status === 'FINISHED') continue;
      await rollBack();
      return { id, ended: ended.status === 'TIMED_OUT' ? ended : { ...ended, failedStatement: index + 1 } };
    }
  } catch (error) {
    await rollBack();
    throw error;
  }
  return run('COMMIT');
}
