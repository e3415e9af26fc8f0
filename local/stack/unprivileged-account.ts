import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, and wants its account to have a name. */
const candidates = ['postgres', 'nobody', 'daemon'];

/**
 * The account that PostgreSQL runs under: undefined means our own.
 * @throws when we are root and the system has no unprivileged account we know.
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const candidate of candidates) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${candidate}:`))?.split(':') ?? [];
    // macOS gives nobody the uid -2, which cannot be passed on.
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and /etc/passwd has none of ${candidates.join(', ')} to run it as. Start Tributary as an ordinary user.`,
  );
}

/** Whether everybody may pass through a directory and all those above it. */
export function everybodyMayEnter(directory: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
