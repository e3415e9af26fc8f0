import { spawn } from 'node:child_process';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endingWithParent } from '../../parts/ending-with-parent.ts';
import type { StackContext } from '../stack-context.ts';
import type { PostgresHome } from './postgres-home.ts';
import { bareEnvironment } from './start-server.ts';

/**
 * Creates PostgreSQL's data directory with one superuser. Text is sorted by its bytes, as in Redshift.
 * @throws if initdb fails or the start is aborted; by then all its processes have ended
 */
export async function initialisePostgres(
  home: PostgresHome,
  user: string,
  { credentials, persist, signal }: StackContext,
): Promise<void> {
  const passwordFile = `${home.dataDirectory}-password`;
  writeFileSync(passwordFile, credentials.postgresPassword, { mode: 0o600 });
  if (home.account) chownSync(passwordFile, home.account.uid, home.account.gid);
  const [command, arguments_] = endingWithParent(
    join(home.binDirectory, 'initdb'),
    [
      ...['-D', home.dataDirectory, '--username', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', ...(persist ? [] : ['--no-sync'])],
    ],
    'SIGTERM',
  );
  const child = spawn(command, arguments_, {
    cwd: home.dataDirectory,
    env: bareEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // It starts other processes, which must end with it.
    detached: true,
    ...home.account,
  });
  const endGroup = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', endGroup);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  try {
    // `close` is emitted when no process holds its output open, so the processes it started have ended as well.
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    signal?.throwIfAborted();
    if (code !== 0) {
      throw new Error(
        `initdb could not create PostgreSQL's data directory ${home.dataDirectory}:\n${output.trim()}`,
      );
    }
  } finally {
    signal?.removeEventListener('abort', endGroup);
    rmSync(passwordFile, { force: true });
  }
}
