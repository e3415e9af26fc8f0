import type { Pool, PoolClient } from 'pg';
import type { Session } from './session.ts';

/** A connection for one statement, and how it is returned. */
export interface StatementConnection {
  client: PoolClient;
  pid: number;
  release(wasCancelled: boolean): Promise<void>;
}

/** A connection from the pool: nothing that a statement leaves in it reaches the next one. */
export async function pooledConnection(pool: Pool, signal: AbortSignal): Promise<StatementConnection> {
  const connecting = pool.connect();
  const client = await Promise.race([connecting, aborted(signal)]);
  if (client === undefined) {
    // The connection became free after the statement was cancelled.
    void connecting.then((late) => late.release()).catch(() => {});
    signal.throwIfAborted();
  }
  const taken = client!;
  // The query in flight reports a broken connection. Without this listener, it would also end the server.
  taken.on('error', () => {});
  return {
    client: taken,
    pid: pidOf(taken) ?? 0,
    async release(wasCancelled) {
      // A cancel request may still be under way: it must not reach the next statement.
      const reusable = !wasCancelled && (await taken.query('DISCARD ALL').then(yes, no));
      taken.removeAllListeners('error');
      taken.release(!reusable);
    },
  };
}

/** A session's connection, opened at its first statement. */
export async function sessionConnection(session: Session): Promise<StatementConnection> {
  const client = session.client as unknown as PoolClient;
  if (pidOf(client) === null) await client.connect();
  return {
    client,
    pid: pidOf(client) ?? 0,
    async release(wasCancelled) {
      // Absorbs a cancel request that came too late for its own statement.
      if (wasCancelled) await client.query('SELECT pg_catalog.pg_sleep(0.05)').catch(() => {});
    },
  };
}

/** PostgreSQL sends it at connection time. The driver stores it (null before that), but not in its types. */
function pidOf(client: PoolClient): number | null {
  return (client as unknown as { processID: number | null }).processID;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

const yes = () => true;
const no = () => false;
