import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { processTree } from '../speed/process-tree.ts';

const LOOK_EVERY_MS = 100;

export interface Peaks {
  /** Of the process itself. */
  readonly own: number;
  /** Of the largest of its children. */
  readonly child: number;
  /** Of its children at the same time. */
  readonly children: number;
  /** Of all at the same time. */
  readonly together: number;
}

/** The memory of a process and of its children, which come and go, in megabytes: looked at ten times a second. */
export class MemoryWatch {
  readonly #pid: number;
  #isOver = false;
  #peaks: Peaks = { own: 0, child: 0, children: 0, together: 0 };
  readonly #watching: Promise<void>;

  constructor(pid: number) {
    this.#pid = pid;
    this.#watching = this.#watch();
  }

  async end(): Promise<Peaks> {
    this.#isOver = true;
    await this.#watching;
    return this.#peaks;
  }

  async #watch(): Promise<void> {
    for (; !this.#isOver; await wait(LOOK_EVERY_MS)) {
      const { own, child, children, together } = this.#peaks;
      const pids = processTree(this.#pid).slice(1);
      this.#peaks = {
        own: Math.max(own, peakOf(this.#pid)),
        child: Math.max(child, ...pids.map(peakOf)),
        children: Math.max(children, sum(pids.map(memoryOf))),
        together: Math.max(together, sum([this.#pid, ...pids].map(memoryOf))),
      };
    }
  }
}

const sum = (megabytes: readonly number[]) => megabytes.reduce((all, each) => all + each, 0);
const peakOf = (pid: number) => statusOf(pid, /^VmHWM:\s+(\d+)/m);
const memoryOf = (pid: number) => statusOf(pid, /^VmRSS:\s+(\d+)/m);

function statusOf(pid: number, line: RegExp): number {
  try {
    return Math.round(Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
  } catch {
    // It has ended.
    return 0;
  }
}
