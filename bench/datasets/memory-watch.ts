import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { megabytes, processTree } from '../speed/process-tree.ts';

const LOOK_EVERY_MS = 100;

export interface Peaks {
  /** Of the process itself. */
  readonly own: number;
  /** Of the largest of its children. */
  readonly child: number;
  /** Of all at the same time. */
  readonly together: number;
}

/** The memory of a process and of its children, which come and go, in megabytes: looked at ten times a second. */
export class MemoryWatch {
  readonly #pid: number;
  #isOver = false;
  #peaks: Peaks = { own: 0, child: 0, together: 0 };
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
      const { own, child, together } = this.#peaks;
      const children = processTree(this.#pid).slice(1);
      this.#peaks = {
        own: Math.max(own, peakOf(this.#pid)),
        child: Math.max(child, ...children.map(peakOf)),
        together: Math.max(together, megabytes(this.#pid, 'now')),
      };
    }
  }
}

function peakOf(pid: number): number {
  try {
    return Math.round(
      Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    );
  } catch {
    return 0;
  }
}
