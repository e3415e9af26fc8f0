import { fork } from 'node:child_process';
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
  /** Kills the process if it still runs. */
  end(): void;
}

/** The JavaScript of a step only passes on statements and rows; DuckDB's memory is not part of this. */
const HEAP_MEBIBYTES = 256;

/** Starts the process and gives it its order. It is killed if the signal is aborted. */
export function startStep(order: StepOrder, signal: AbortSignal | undefined): Step {
  signal?.throwIfAborted();
  const child = fork(packageModule('src/clients/duckdb/step-process.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MEBIBYTES}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors.push(text);
    if (errors.length > 20) errors.shift();
  });
  const answers = answerQueue();
  const onAbort = () => {
    answers.fail(signal?.reason);
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  child.on('message', (answer: StepAnswer) => {
    if (answer.kind === 'failed') answers.fail(failure(answer.code, answer.message));
    else answers.add(answer);
  });
  child.on('error', (error) => answers.fail(lost(order, error.message)));
  child.on('close', (code, killedBy) => {
    signal?.removeEventListener('abort', onAbort);
    answers.fail(endedWithoutAnswer(order, killedBy ?? `exit code ${code}`, errors.join('')));
  });
  child.send(order);
  return {
    next: () => answers.next(),
    sendMore: () => child.connected && child.send({ kind: 'more' } satisfies SendMore),
    end: () => {
      child.kill('SIGKILL');
    },
  };
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
