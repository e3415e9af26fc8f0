import { type ChildProcess, fork } from 'node:child_process';
import { packageModule } from '../../src/installation/package-files.ts';
import type { KeeperOptions, KeeperReport, KeeperRequest, ProcessToKeep } from './keeper-protocol.ts';
import { logExcerpt } from './servers/server-log.ts';
import { ProcessEnded } from './servers/wait-until.ts';

export interface KeptProcess {
  name: string;
  pid: number;
  logFile: string;
  /** Fulfilled when the process ends for any reason, with that reason: `exit code 1`, `SIGKILL`. */
  ended: Promise<string>;
  /** Rejected when the process ends, with an excerpt of its log: for use while waiting for its readiness. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/** The stack's client of the keeper. */
export class KeptProcesses {
  readonly #keeper: ChildProcess;
  /** Fulfilled when the keeper has ended, for any reason. */
  readonly keeperEnded: Promise<void>;
  readonly #reports = new Map<number, (report: KeeperReport) => void>();
  #lastId = 0;

  /** Starts a keeper, which ends with this process at the latest. */
  constructor(options: KeeperOptions) {
    const file = packageModule('local/stack/keeper.ts');
    this.#keeper = fork(file, [JSON.stringify(options)], {
      detached: true,
      // The keeper must not inherit the caller's debugger and loader flags.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#keeper.on('message', (report: KeeperReport) => this.#reports.get(report.id)?.(report));
    this.keeperEnded = new Promise((resolve) => this.#keeper.on('exit', () => resolve()));
    void this.keeperEnded.then(() => {
      for (const [id, listener] of this.#reports)
        listener({ kind: 'exited', id, code: null, signal: 'keeper' });
    });
  }

  /** @throws if the program cannot be started */
  start(asked: ProcessToKeep): Promise<KeptProcess> {
    const id = ++this.#lastId;
    const ended = Promise.withResolvers<string>();
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    const started = new Promise<KeptProcess>((resolve, reject) => {
      this.#reports.set(id, (report) => {
        if (report.kind === 'started') {
          resolve({
            name: asked.name,
            pid: report.pid,
            logFile: asked.logFile,
            ended: ended.promise,
            failed: failed.promise,
            stop: async () => {
              this.#send({ kind: 'stop', id });
              await ended.promise;
            },
          });
          return;
        }
        this.#reports.delete(id);
        const why = report.kind === 'refused' ? report.message : describeExit(report);
        const message = `${asked.name} ended (${why}).${logExcerpt(asked.logFile)}`;
        reject(new ProcessEnded(message, why));
        failed.reject(new ProcessEnded(message, why));
        ended.resolve(why);
      });
    });
    this.#send({ kind: 'start', id, process: asked });
    return started;
  }

  get hasKeeperEnded(): boolean {
    return this.#keeper.exitCode !== null || this.#keeper.signalCode !== null;
  }

  /** Ends everything, and returns when all processes are gone. */
  async end(): Promise<void> {
    this.#send({ kind: 'end' });
    await this.keeperEnded;
  }

  #send(request: KeeperRequest): void {
    if (this.#keeper.connected) this.#keeper.send(request, () => {});
    else if (request.kind === 'start') {
      this.#reports.get(request.id)?.({ kind: 'refused', id: request.id, message: 'the keeper has ended' });
    }
  }
}

function describeExit(report: Extract<KeeperReport, { kind: 'exited' }>): string {
  if (report.signal === 'keeper') return 'its keeper was killed';
  return report.signal ?? `exit code ${report.code}`;
}
