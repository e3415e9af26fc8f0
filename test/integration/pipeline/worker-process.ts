import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { endingWithParent } from '../../../local/stack/ending-with-parent.ts';
import type { Harness, TestPipeline } from './harness.ts';

const main = fileURLToPath(new URL('../../../src/workers/main.ts', import.meta.url));

/** Workers as processes of their own, as on hosts of their own; all are ended by `endAll`. */
export class WorkerProcesses {
  readonly #harness: Harness;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tributary-worker-'));
  readonly #workers: ChildProcess[] = [];

  constructor(harness: Harness) {
    this.#harness = harness;
  }

  start({ pipeline, definition }: TestPipeline): ChildProcess {
    const config = join(this.#directory, `${pipeline}.yaml`);
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
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
      },
      stdio: 'ignore',
    });
    this.#workers.push(worker);
    return worker;
  }

  /** Ends one at once (SIGKILL), or asks it to stop (SIGTERM), and waits until it is gone. */
  async end(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }

  async endAll(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => this.end(worker)));
  }

  async close(): Promise<void> {
    await this.endAll();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
