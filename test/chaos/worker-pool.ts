import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerOrder } from './worker-main.ts';

const main = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

/** Worker processes with their modules loaded, so that one can replace a dead one at once. */
export class WorkerPool {
  readonly #spares: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #size: number;
  #closed = false;

  constructor(size: number) {
    this.#size = size;
    this.#fill();
  }

  /** A process that carries out this order. */
  start(order: WorkerOrder): ChildProcess {
    const child = this.#spares.shift() ?? this.#spawn();
    child.send(order);
    this.#fill();
    return child;
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
    });
    this.#all.add(child);
    child.on('error', () => {});
    child.on('exit', () => this.#all.delete(child));
    return child;
  }
}
