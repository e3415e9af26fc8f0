import { type ChildProcess, fork } from 'node:child_process';
import { Socket } from 'node:net';
import { packageModule } from '../../installation/package-files.ts';
import {
  type FailureCode,
  isTransientCode,
  type TerminalCode,
} from '../../pipeline/failure/failure-codes.ts';
import { Terminal, Transient } from '../errors.ts';
import type { SendMore, StepAnswer, StepOrder } from './step-protocol.ts';

type Progress = Exclude<StepAnswer, { kind: 'failed' }>;

/** A step in a process of its own. */
export interface Step {
  /** The next answer. @throws Terminal, Transient, or the signal's reason */
  next(): Promise<Progress>;
  sendMore(): void;
  /** Kills the process, unless it is done and takes other orders. */
  end(): void;
}

/** The JavaScript of a step only passes on statements and rows; DuckDB's memory is not part of this. */
const HEAP_MEBIBYTES = 256;
const MOST_IDLE = 4;
const IDLE_MS = 10_000;

interface IdleProcess {
  readonly child: ChildProcess;
  /** Stops waiting for its end. */
  readonly take: () => void;
}

/** Processes of steps. One that is done takes the next order: to start one takes as long as to merge a small partition. */
export class StepProcesses {
  readonly #idle: IdleProcess[] = [];

  /** Gives a process its order. It is killed if the signal is aborted. */
  start(order: StepOrder, signal: AbortSignal | undefined): Step {
    signal?.throwIfAborted();
    // A caller that leaves a query ends its process.
    const child = (order.kind === 'query' ? undefined : this.#reused()) ?? started();
    let takesMore = false;
    const errors: string[] = [];
    const answers = answerQueue();
    const onError = (text: string) => {
      errors.push(text);
      if (errors.length > 20) errors.shift();
    };
    const onAbort = () => {
      answers.fail(signal?.reason);
      child.kill('SIGKILL');
    };
    const onMessage = (answer: StepAnswer) => {
      if (answer.kind === 'failed') answers.fail(failure(answer.code, answer.message));
      else answers.add(answer);
      takesMore = answer.kind === 'done' && answer.takesMore;
    };
    const onClose = (code: number | null, killedBy: NodeJS.Signals | null) => {
      leave();
      answers.fail(endedWithoutAnswer(order, killedBy ?? `exit code ${code}`, errors.join('')));
    };
    const onFailure = (error: Error) => answers.fail(lost(order, error.message));
    const leave = () => {
      signal?.removeEventListener('abort', onAbort);
      child.off('message', onMessage).off('close', onClose).off('error', onFailure);
      child.stderr?.off('data', onError);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.on('message', onMessage).on('close', onClose).on('error', onFailure);
    child.stderr?.on('data', onError);
    child.send(order);
    return {
      next: () => answers.next(),
      sendMore: () => child.connected && child.send({ kind: 'more' } satisfies SendMore),
      end: () => {
        if (!takesMore || signal?.aborted === true) child.kill('SIGKILL');
        else {
          leave();
          this.#keep(child);
        }
      },
    };
  }

  #reused(): ChildProcess | undefined {
    for (let process = this.#idle.pop(); process !== undefined; process = this.#idle.pop()) {
      process.take();
      const { child } = process;
      if (child.connected && child.exitCode === null && child.signalCode === null) return child;
    }
    return undefined;
  }

  #keep(child: ChildProcess): void {
    if (this.#idle.length >= MOST_IDLE || !child.connected) {
      child.kill('SIGKILL');
      return;
    }
    const drop = () => {
      const at = this.#idle.indexOf(process);
      if (at >= 0) this.#idle.splice(at, 1);
      process.take();
      child.kill('SIGKILL');
    };
    const timer = setTimeout(drop, IDLE_MS);
    timer.unref();
    child.once('close', drop).once('error', drop);
    // It keeps no program running that has nothing else to do.
    child.unref();
    child.channel?.unref();
    const process: IdleProcess = {
      child,
      take: () => {
        clearTimeout(timer);
        child.off('close', drop).off('error', drop);
        child.ref();
        child.channel?.ref();
      },
    };
    this.#idle.push(process);
  }
}

function started(): ChildProcess {
  const child = fork(packageModule('src/clients/duckdb/step-process.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MEBIBYTES}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const { stderr } = child;
  stderr?.setEncoding('utf8').resume();
  if (stderr instanceof Socket) stderr.unref();
  return child;
}

/** Answers in their order, then the first failure. */
function answerQueue() {
  const waiting: Progress[] = [];
  let failed: { readonly error: unknown } | undefined;
  let wake = () => {};
  return {
    add(answer: Progress) {
      waiting.push(answer);
      wake();
    },
    fail(error: unknown) {
      failed ??= { error };
      wake();
    },
    async next(): Promise<Progress> {
      for (;;) {
        const answer = waiting.shift();
        if (answer !== undefined) return answer;
        if (failed !== undefined) throw failed.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const failure = (code: FailureCode, message: string): Error =>
  isTransientCode(code) ? new Transient(code, message) : new Terminal(code as TerminalCode, message);

function endedWithoutAnswer(order: StepOrder, how: string, output: string): Error {
  if (/Cannot find (package|module) '?@duckdb/.test(output) || /duckdb\.node/.test(output)) {
    return new Terminal(
      'EngineNotInstalled',
      'Datasets need DuckDB, which is not installed for this platform: run `npm install @duckdb/node-api@1.5.6-r.1` beside Tributary, or install Tributary without `--omit=optional`',
    );
  }
  return lost(order, `${how}${output === '' ? '' : `: ${output.slice(-1000)}`}`);
}

const lost = (order: StepOrder, how: string): Error =>
  new Transient(
    'EngineLost',
    `The process of ${order.kind} ended without an answer (${how}). If the system killed it (SIGKILL), the machine has too little memory for DuckDB's limit of ${order.limits.memoryBytes} bytes`,
  );
