import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { endingWithParent } from '../../../local/parts/ending-with-parent.ts';
import { type Harness, TEST_EXTRACT_SLOTS, type TestPipeline } from './harness.ts';

const main = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

/** Workers in processes of their own, as on several hosts. All of them end with the harness. */
export class WorkerProcesses {
  readonly #harness: Harness;
  readonly #workers: ChildProcess[] = [];
  readonly #said = new Map<ChildProcess, string>();

  constructor(harness: Harness) {
    this.#harness = harness;
    harness.onClose(() => this.endAll());
  }

  /**
   * @param environment variables that only this worker has
   * @param more what its configuration file holds in addition to the pipelines
   */
  start(
    known: TestPipeline | readonly TestPipeline[],
    environment: Record<string, string> = {},
    more: object = {},
  ): ChildProcess {
    const pipelines = Object.fromEntries(
      [known].flat().map(({ pipeline, definition }) => [pipeline, definition]),
    );
    const config = join(this.#harness.directory(), `${randomUUID()}.yaml`);
    writeFileSync(config, stringify({ pipelines, ...more }));
    const [command, words] = endingWithParent(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main],
      'SIGKILL',
    );
    const worker = spawn(command, words, {
      env: {
        ...process.env,
        ...this.#harness.environment,
        TRIBUTARY_TEMPORAL_NAMESPACE: this.#harness.namespace,
        TRIBUTARY_CONFIG: config,
        TRIBUTARY_EXTRACT_SLOTS: String(TEST_EXTRACT_SLOTS),
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#workers.push(worker);
    let said = '';
    worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      this.#said.set(worker, said);
      worker.emit('said');
    });
    worker.once('exit', () => worker.emit('said'));
    return worker;
  }

  /** Kills a worker (SIGKILL) or asks it to stop (SIGTERM), and waits until it has ended. */
  async end(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }

  /** Waits until the worker has logged a line that matches. @throws if the worker ends first */
  async says(worker: ChildProcess, what: RegExp): Promise<void> {
    while (!what.test(this.#said.get(worker) ?? '')) {
      if (worker.exitCode !== null || worker.signalCode !== null)
        throw new Error(`the worker ended before it logged ${what}:\n${this.#said.get(worker)}`);
      await once(worker, 'said');
    }
  }

  /** Everything that a worker has logged so far. */
  saidBy(worker: ChildProcess): string {
    return this.#said.get(worker) ?? '';
  }

  async endAll(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => this.end(worker, signal)));
  }
}
