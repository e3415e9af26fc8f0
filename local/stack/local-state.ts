import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf, takeLock } from '../parts/file-lock.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../parts/process-identity.ts';
import { StackAddresses } from './addresses.ts';
import { deleteStack } from './delete-stack.ts';
import type { RunningPart } from './stack-context.ts';

/** The status of one part of a local stack. */
export interface PartStatus {
  name: string;
  address: string;
  /** `external` is a service named by the user. */
  state: 'running' | 'ended' | 'external';
  pid?: number;
  log?: string;
}

type RecordedPart = Omit<PartStatus, 'state'> & { process?: ProcessIdentity };

/**
 * The files of a project's local stack, below `.tributary/`:
 *
 * - `local.json`: the addresses; it exists only while the stack runs (or if it was killed)
 * - `supervisor.json`: the process that runs the stack; this file is also the lock that excludes others
 * - `parts.json`: the parts and their processes, for `status`
 * - `last.json`: the addresses of the last start, to be reused
 * - `stack/`: data and logs
 */
export class LocalState {
  readonly directory: string;

  constructor(projectDirectory: string) {
    this.directory = join(projectDirectory, '.tributary');
  }

  get stackDirectory(): string {
    return join(this.directory, 'stack');
  }

  get addressesFile(): string {
    return join(this.directory, 'local.json');
  }

  /** The live process that runs the stack; null if there is none, even if its files exist. */
  supervisor(): ProcessIdentity | null {
    const holder = holderOf(this.#file('supervisor'));
    return isAlive(holder) ? holder : null;
  }

  /** Makes this process the one that runs the stack. Returns false if another process is. */
  claim(): boolean {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    // As root: PostgreSQL's unprivileged account must be able to enter.
    if (process.getuid?.() === 0) chmodSync(this.directory, 0o711);
    // The first call may only remove the claim of a dead process.
    return takeLock(this.#file('supervisor')) || takeLock(this.#file('supervisor'));
  }

  /** The addresses of a running stack; undefined if none is running, or it is still starting. */
  runningAddresses(): StackAddresses | undefined {
    return this.supervisor() ? readAddresses(this.addressesFile) : undefined;
  }

  /** The addresses of the previous start. */
  lastAddresses(): StackAddresses | undefined {
    return readAddresses(this.addressesFile) ?? readAddresses(this.#file('last'));
  }

  /** Addresses contain credentials, so only the owner may read the files. */
  recordRunning(addresses: StackAddresses, parts: RunningPart[]): void {
    const recorded: RecordedPart[] = parts.map(({ name, address, process }) => {
      const identity = process ? identityOf(process.pid) : null;
      return {
        name,
        address,
        ...(process && { pid: process.pid, log: process.logFile }),
        ...(identity && { process: identity }),
      };
    });
    write(this.#file('parts'), recorded);
    write(this.addressesFile, addresses);
  }

  /** Releases the claim. Call it after everything has ended. */
  recordStopped(): void {
    if (existsSync(this.addressesFile)) renameSync(this.addressesFile, this.#file('last'));
    for (const name of ['parts', 'supervisor'] as const) rmSync(this.#file(name), { force: true });
  }

  /** Deletes all data. Call it after everything has ended. */
  delete(): void {
    deleteStack(this.stackDirectory);
    rmSync(this.#file('last'), { force: true });
  }

  parts(): PartStatus[] {
    let recorded: RecordedPart[];
    try {
      recorded = JSON.parse(readFileSync(this.#file('parts'), 'utf8')) as RecordedPart[];
    } catch {
      return [];
    }
    return recorded.map(({ process, ...part }) => {
      if (part.pid === undefined) return { ...part, state: 'external' };
      return { ...part, state: isAlive(process ?? null) ? 'running' : 'ended' };
    });
  }

  #file(name: 'supervisor' | 'parts' | 'last'): string {
    return join(this.directory, `${name}.json`);
  }
}

function readAddresses(file: string): StackAddresses | undefined {
  try {
    return StackAddresses.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function write(file: string, content: unknown): void {
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}
