import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from '../parts/process-identity.ts';
import { waitUntil } from './servers/wait-until.ts';

/** The list of a stack's running servers, so that they can be ended even if the stack and its keeper were killed. */
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
 * Ends processes that an earlier stack in this directory left running because the stack and its keeper were killed.
 * A process that was merely assigned the same pid is left alone.
 * @returns the names of the ended processes
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
    // The directory was deleted meanwhile. The list matters only while it exists.
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The process has ended meanwhile.
  }
}
