import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * What Linux says in /proc about a process and its descendants: https://man7.org/linux/man-pages/man5/proc.5.html.
 * Elsewhere, every figure is zero.
 */

/** The kernel's unit of CPU time as user programs see it, on every platform of Linux that Node supports. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Own time, of all threads that there are or were, and that of children that have ended and were waited for. */
  readonly ticks: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces. After it come the third field and its successors.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user, system, childrensUser, childrensSystem] = fields.slice(11, 15) as [
      number,
      number,
      number,
      number,
    ];
    return { parent: fields[1]!, ticks: user + system + childrensUser + childrensSystem };
  } catch {
    // It has ended.
    return undefined;
  }
}

/** A process and its descendants. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of existsSync('/proc') ? readdirSync('/proc') : []) {
    const each = Number(name);
    const parent = Number.isInteger(each) ? statOf(each)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

/** User and system time of a process tree so far. */
export function cpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + (statOf(each)?.ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** The memory of a process tree, now or at most since `resetPeak`. A peak is the sum of the processes' own peaks. */
export function megabytes(pid: number, which: 'now' | 'peak'): number {
  const line = which === 'now' ? /^VmRSS:\s+(\d+)/m : /^VmHWM:\s+(\d+)/m;
  const kilobytes = processTree(pid).map((each) => {
    try {
      return Number(line.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1024);
}

/** From now on, the peak is that of the memory from now on. */
export function resetPeak(pid: number): void {
  for (const each of processTree(pid)) {
    try {
      writeFileSync(`/proc/${each}/clear_refs`, '5');
    } catch {
      // It has ended, or this kernel keeps the peak of the whole life of a process.
    }
  }
}

/** The numbers of the cores that this process may use; undefined where the system has no taskset. */
export function allowedCores(): readonly number[] | undefined {
  try {
    const said = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
    return coresOf(said.slice(said.lastIndexOf(':') + 1).trim());
  } catch {
    return undefined;
  }
}

/** The numbers in a list such as `0-2,5`. */
export function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last! - first + 1 }, (_, i) => first + i);
  });
}

/** Restricts every thread of these processes and their descendants to these cores. */
export function pin(pids: readonly number[], cores: readonly number[]): void {
  for (const pid of new Set(pids.flatMap(processTree))) {
    try {
      execFileSync('taskset', ['-a', '-cp', cores.join(','), String(pid)], { stdio: 'ignore' });
    } catch {
      // It has ended.
    }
  }
}

/** A command that runs on these cores only; unchanged if no cores are named. */
export function pinned(
  [command, ...words]: readonly [string, ...string[]],
  cores: readonly number[],
): [string, string[]] {
  return cores.length === 0 ? [command, words] : ['taskset', ['-c', cores.join(','), command, ...words]];
}
