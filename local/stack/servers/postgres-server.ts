import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres } from '../../parts/postgres.ts';
import type { StackAddresses } from '../addresses.ts';
import type { RunningPart, StackContext } from '../stack-context.ts';
import { initialisePostgres } from './initialise-postgres.ts';
import { postgresHome } from './postgres-home.ts';
import { startServer } from './start-server.ts';
import { portOf } from './temporal-server.ts';

const user = 'tributary';
/** Redshift's default name for the first database of a cluster. */
export const database = 'dev';

/** Starts PostgreSQL, or uses the one in TRIBUTARY_USE_POSTGRES. The local Redshift creates its database. */
export async function startPostgres(
  context: StackContext,
  before: StackAddresses['postgres'] | undefined,
): Promise<{ part: RunningPart; addresses: StackAddresses['postgres'] }> {
  const named = process.env.TRIBUTARY_USE_POSTGRES;
  if (named)
    return { part: { name: 'postgres', address: withoutPassword(named) }, addresses: { url: named } };
  const home = postgresHome(context.directory, await findPostgres(context));
  const password = context.credentials.postgresPassword;
  context.signal?.throwIfAborted();
  if (!existsSync(join(home.dataDirectory, 'PG_VERSION'))) await initialisePostgres(home, user, context);
  forgetDeadPostmaster(home.dataDirectory);
  const leftover = postmasterIn(home.dataDirectory);
  const { ports, process: server } = await startServer(context, {
    portCount: 1,
    wantedPorts: before && [portOf(before.url)],
    process: ([port]) => ({
      name: 'postgres',
      command: join(home.binDirectory, 'postgres'),
      arguments: ['-D', home.dataDirectory, ...settings(port!, context.persist)],
      directory: home.dataDirectory,
      // SIGINT is its fast shutdown, which ends sessions. SIGTERM would wait for them.
      stopSignal: 'SIGINT',
      ...(home.account && { account: home.account }),
    }),
    ready: async () => acceptsConnections(home.dataDirectory, leftover),
  });
  const address = `127.0.0.1:${ports[0]}`;
  return {
    part: { name: 'postgres', address, process: server },
    addresses: { url: `postgresql://${user}:${password}@${address}/${database}` },
  };
}

function settings(port: number, persist: boolean): string[] {
  const options = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    // No Unix sockets: the path of the directory may be too long for one.
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(persist ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return options.flatMap((option) => ['-c', option]);
}

/** The line of postmaster.pid that holds the server's state, as pg_ctl reads it. */
const STATE_LINE = 7;

/**
 * True once recovery has ended. Before that, connections are accepted and refused at once.
 * @param leftover the server of an earlier start, whose file says "ready" until the new server replaces it
 */
export function acceptsConnections(dataDirectory: string, leftover: string | undefined): boolean {
  const lines = postmasterLines(dataDirectory);
  return lines[STATE_LINE]?.trim() === 'ready' && serverOf(lines) !== leftover;
}

/** The server that wrote postmaster.pid: its pid, data directory and start time. */
export function postmasterIn(dataDirectory: string): string | undefined {
  const lines = postmasterLines(dataDirectory);
  return lines.length === 0 ? undefined : serverOf(lines);
}

const serverOf = (lines: readonly string[]) => lines.slice(0, 3).join(' ');

function postmasterLines(dataDirectory: string): string[] {
  const file = join(dataDirectory, 'postmaster.pid');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

/**
 * PostgreSQL refuses to start if the pid in an old postmaster.pid is alive, even if it now belongs to another process
 * (e.g. after a reboot). Our own processes have ended before this is called.
 */
function forgetDeadPostmaster(dataDirectory: string): void {
  const file = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (process.platform === 'linux' && !isPostgres(pid)) rmSync(file, { force: true });
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  return `${parsed.host}${parsed.pathname}`;
}
