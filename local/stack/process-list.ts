import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from '../parts/process-identity.ts';
import { waitUntil } from './wait-until.ts';

/** The list of a stack's running servers, kept so that they can be ended when nobody is left who knows them. */
interface ListedProcess extends ProcessIdentity {
  name: string;
}

const listFile = (directory: string) => join(directory, 'processes.json');

export function rememberProcess(directory: string, name: string, pid: number): void {
  const identity = identityOf(pid);
  if (identity) writeList(directory, [...readList(directory), { name, ...identity }]);
}

export function forgetProcess(directory: string, pid: number): void {
  writeList(
    directory,
    readList(directory).filter((listed) => listed.pid !== pid),
  );
}

/**
 * Ends what an earlier stack in this directory left running because its process and its keeper were killed.
 * A process that only got the pid of one of ours is left alone.
 * @returns the names of what was ended.
 */
export async function endLeftovers(directory: string): Promise<string[]> {
  const leftovers = readList(directory).filter(isAlive);
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const alive = leftovers.filter(isAlive);
    for (const { pid } of alive) signalQuietly(pid, signal);
    await waitUntil(() => !leftovers.some(isAlive), { timeoutSeconds: 5 }).catch(() => {});
  }
  if (existsSync(listFile(directory))) writeList(directory, []);
  return leftovers.map((listed) => listed.name);
}

function readList(directory: string): ListedProcess[] {
  try {
    return JSON.parse(readFileSync(listFile(directory), 'utf8')) as ListedProcess[];
  } catch {
    return [];
  }
}

function writeList(directory: string, list: ListedProcess[]): void {
  try {
    const unfinished = `${listFile(directory)}.unfinished`;
    writeFileSync(unfinished, JSON.stringify(list), { mode: 0o600 });
    renameSync(unfinished, listFile(directory));
  } catch {
    // The directory was deleted under us; the list only matters while it exists.
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
