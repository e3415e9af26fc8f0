import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, and needs an account with a name. */
const candidates = ['postgres', 'nobody', 'daemon'];

/**
 * The account that PostgreSQL runs under; undefined means the account of this process.
 * @throws if this process runs as root and the system has none of the known unprivileged accounts
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const candidate of candidates) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${candidate}:`))?.split(':') ?? [];
    // On macOS the account `nobody` has the uid -2, which spawn does not accept.
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and /etc/passwd has none of the accounts ${candidates.join(', ')}. Start Tributary as an ordinary user.`,
  );
}

/** Whether all users may enter a directory and all of its parents. */
export function allMayEnter(directory: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
