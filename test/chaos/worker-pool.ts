import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EndOrder, WorkerOrder } from './worker-main.ts';

const main = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

/** One that takes longer to end what it does is killed. */
const IDLE_WITHIN_MS = 5_000;
/** Orders that a process carries out: what it leaves behind must not add up. */
const MOST_ORDERS = 12;

/** Worker processes with their modules loaded, so that one can replace a dead one at once. */
export class WorkerPool {
  readonly #spares: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #orders = new WeakMap<ChildProcess, number>();
  readonly #size: number;
  readonly #codeCache: string;
  #closed = false;

  /**
   * @param size processes kept ready
   * @param codeCache a directory for their compiled modules, which takes most of the time of a start
   */
  constructor(size: number, codeCache: string) {
    this.#size = size;
    this.#codeCache = codeCache;
    this.#fill();
  }

  /** A process that carries out this order. */
  start(order: WorkerOrder): ChildProcess {
    const child = this.#spares.shift() ?? this.#spawn();
    child.send(order);
    this.#orders.set(child, (this.#orders.get(child) ?? 0) + 1);
    this.#fill();
    return child;
  }

  /** Ends what a process does, so that it can carry out another order. @returns whether it could be taken back */
  async takeBack(child: ChildProcess): Promise<boolean> {
    if ((this.#orders.get(child) ?? 0) >= MOST_ORDERS) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onMessage = (word: unknown) => word === 'idle' && resolve(true);
    const onExit = () => resolve(false);
    child.on('message', onMessage).on('exit', onExit);
    child.send({ ends: true } satisfies EndOrder, () => {});
    const isIdle = await Promise.race([promise, setTimeout(IDLE_WITHIN_MS, false, { ref: false })]);
    child.off('message', onMessage).off('exit', onExit);
    if (!isIdle || this.#closed) return false;
    // It is warmer than the others.
    this.#spares.unshift(child);
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#all].map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #fill(): void {
    while (!this.#closed && this.#spares.length < this.#size) this.#spares.push(this.#spawn());
  }

  #spawn(): ChildProcess {
    // `fork` would pass on Jest's own arguments for Node.
    const child = fork(main, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#codeCache },
    });
    this.#all.add(child);
    child.on('error', () => {});
    child.on('exit', () => {
      this.#all.delete(child);
      const at = this.#spares.indexOf(child);
      if (at !== -1) this.#spares.splice(at, 1);
    });
    return child;
  }
}
