import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { endingWithParent } from '../../../local/parts/ending-with-parent.ts';
import { type Harness, TEST_EXTRACT_SLOTS, type TestPipeline } from './harness.ts';

const main = fileURLToPath(new URL('../../../src/workers/main.ts', import.meta.url));

/** Workers as processes of their own, as on hosts of their own; all are ended by `endAll`. */
export class WorkerProcesses {
  readonly #harness: Harness;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tributary-worker-'));
  readonly #workers: ChildProcess[] = [];
  readonly #said = new Map<ChildProcess, string>();

  constructor(harness: Harness) {
    this.#harness = harness;
  }

  /** @param environment what this one's is to differ in. */
  start(
    known: TestPipeline | readonly TestPipeline[],
    environment: Record<string, string> = {},
  ): ChildProcess {
    const pipelines = Object.fromEntries(
      [known].flat().map(({ pipeline, definition }) => [pipeline, definition]),
    );
    const config = join(this.#directory, `${randomUUID()}.yaml`);
    writeFileSync(config, stringify({ pipelines }));
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

  /** Ends one at once (SIGKILL), or asks it to stop (SIGTERM), and waits until it is gone. */
  async end(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }

  /** Waits until the worker has logged it. @throws where it ends before. */
  async says(worker: ChildProcess, what: RegExp): Promise<void> {
    while (!what.test(this.#said.get(worker) ?? '')) {
      if (worker.exitCode !== null || worker.signalCode !== null)
        throw new Error(`the worker ended without a word of ${what}:\n${this.#said.get(worker)}`);
      await once(worker, 'said');
    }
  }

  async endAll(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => this.end(worker, signal)));
  }

  async close(): Promise<void> {
    await this.endAll();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
