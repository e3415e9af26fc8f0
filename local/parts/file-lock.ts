import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';

/**
 * Runs `work` while holding a lock file, so that two processes never do the same work at once. The second waits until
 * the first has finished or died. `onWait` is called when the wait starts, and then every 20 s.
 */
export async function withFileLock<T>(
  path: string,
  onWait: (waitedSeconds: number) => void,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const began = Date.now();
  for (let nextWordSeconds = 0; !takeLock(path); await wait(200, undefined, { signal })) {
    const waitedSeconds = Math.round((Date.now() - began) / 1000);
    if (waitedSeconds < nextWordSeconds) continue;
    onWait(waitedSeconds);
    nextWordSeconds = waitedSeconds + 20;
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Takes the lock for this process. Returns false if another live process may hold it. Removes the lock of a dead
 * process, so that the next call can take it. Creating a link is atomic: the lock appears complete, with its holder, or
 * not at all.
 */
export function takeLock(path: string): boolean {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    breakStaleLock(path);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Moves the lock of a dead process away. Between the read and the rename, another waiter may have taken the lock: then
 * its lock is put back.
 */
function breakStaleLock(path: string): void {
  const holder = holderOf(path);
  if (!holder || isAlive(holder)) return;
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
    if (isAlive(holderOf(aside))) linkSync(aside, path);
  } catch {
    // Another waiter was faster: try again next time.
  }
  rmSync(aside, { force: true });
}

/** The process that created a lock, alive or not; null if there is no lock. */
export function holderOf(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}
