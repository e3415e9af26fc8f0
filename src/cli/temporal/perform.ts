import { setTimeout as pause } from 'node:timers/promises';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { failureText } from './failure-text.ts';
import { isOutOfReach } from './is-out-of-reach.ts';
import { noWorkerNote, queuesWithoutWorker } from './task-queue-pollers.ts';

/** What the work is about. */
type Subject = { readonly pipeline: string } | { readonly loader: string } | { readonly dataset: string };

/** Work for a worker that is not a run: a workflow to start, with a summary for messages and for Temporal's lists. */
export interface Work<Input extends Subject> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: Input;
  readonly summary: string;
}

/** How long to wait for a worker to begin, before checking whether there is one. */
const LOOK_FOR_WORKER_MS = 3000;
const LOOK_AGAIN_MS = 15_000;
/** How long ending a workflow may delay the end of the command. */
const END_MS = 5000;

/** @throws CommandError if a workflow with this id is already in progress. */
export async function begin<Input extends Subject>(client: Client, work: Work<Input>): Promise<void> {
  const { type, workflowId, input, summary } = work;
  try {
    await client.workflow.start(type, {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
      memo: {
        ...subjectOf(input),
        command: TRIBUTARY,
      },
      staticSummary: summary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new CommandError(
      ExitCode.usage,
      `Workflow ${workflowId} is already in progress: ${summary}. ` +
        `Cancel it: ${TRIBUTARY} cancel ${workflowId}${WITH_CONFIG}`,
      { cause: error },
    );
  }
}

const subjectOf = (input: Subject): Subject => {
  if ('pipeline' in input) return { pipeline: input.pipeline };
  return 'loader' in input ? { loader: input.loader } : { dataset: input.dataset };
};

/** How to wait, and what happens to the work if the command stops waiting. */
export interface Waiting {
  /** If true, the work changes nothing, and its workflow ends with the command. Otherwise the request remains. */
  readonly readOnly?: boolean;
  /** Stops waiting after this time. Default: never. */
  readonly timeoutSeconds?: number;
  /** For a command that waits for several results. Default: each call listens for Ctrl-C and SIGTERM itself. */
  readonly interrupt?: Interrupt;
}

/** The command ended before the work did. */
export class GaveUpWaiting extends CommandError {}

/** Begins the work and waits for its result. @throws like `begin` and `resultOf` */
export async function perform<Output, Input extends Subject>(
  client: Client,
  work: Work<Input>,
  waiting: Waiting = {},
): Promise<Output> {
  const interrupt = waiting.interrupt ?? onInterrupt();
  try {
    await begin(client, work);
    return await resultOf<Output>(client, work.workflowId, { ...waiting, interrupt });
  } finally {
    if (waiting.interrupt === undefined) interrupt.release();
  }
}

/**
 * Waits for the result. If no worker takes up the work, this is reported on stderr, once.
 * @throws CommandError with the root cause if it fails; GaveUpWaiting on Ctrl-C, SIGTERM, the timeout, or when
 * Temporal no longer answers.
 */
export async function resultOf<Output>(
  client: Client,
  workflowId: string,
  { readOnly = false, timeoutSeconds, interrupt: shared }: Waiting = {},
): Promise<Output> {
  const watch = watchForMissingWorker(client);
  const interrupt = shared ?? onInterrupt();
  const timeout = timeoutSeconds === undefined ? [] : [AbortSignal.timeout(timeoutSeconds * 1000)];
  const givenUp = AbortSignal.any([interrupt.signal, ...timeout]);
  const handle = client.workflow.getHandle(workflowId);
  try {
    return (await client.withAbortSignal(givenUp, () => handle.result())) as Output;
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      throw new CommandError(ExitCode.failed, failureText(error.cause), { cause: error });
    }
    if (!givenUp.aborted && !isOutOfReach(error)) throw error;
    const interrupted = interrupt.signal.aborted;
    const why = interrupted
      ? 'Interrupted'
      : givenUp.aborted
        ? `No answer within ${timeoutSeconds} seconds`
        : 'Temporal no longer answers';
    const then = readOnly ? await ended(handle) : `The request remains: ${pending(workflowId)}`;
    throw new GaveUpWaiting(interrupted ? ExitCode.interrupted : ExitCode.failed, `${why}. ${then}`, {
      cause: error,
    });
  } finally {
    await watch.stop();
    if (shared === undefined) interrupt.release();
  }
}

const pending = (workflowId: string): string =>
  `workflow ${workflowId} continues, or starts when a worker takes it up. ` +
  `Cancel it: ${TRIBUTARY} cancel ${workflowId}${WITH_CONFIG}`;

/** Terminates rather than cancels: without a worker, nothing would handle a cancellation. */
async function ended(handle: WorkflowHandle): Promise<string> {
  const { workflowId } = handle;
  try {
    await handle.client.withDeadline(Date.now() + END_MS, () =>
      handle.terminate('The command that started it has ended.'),
    );
    return `The read-only workflow ${workflowId} was terminated.`;
  } catch {
    return `The read-only workflow ${workflowId} may still be open.`;
  }
}

/**
 * Checks repeatedly until a task queue has no worker, and reports that. Temporal lists a dead worker for some time, so
 * the first check may still find one. After `stop`, no request is pending on the connection.
 */
function watchForMissingWorker(client: Client): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function look() {
    for (let waitMs = LOOK_FOR_WORKER_MS; !signal.aborted; waitMs = LOOK_AGAIN_MS) {
      await pause(waitMs, undefined, { signal });
      const missing = await client
        .withAbortSignal(signal, () => queuesWithoutWorker(client, Date.now()))
        .catch((): string[] => []);
      if (!signal.aborted && missing.includes(CONTROL_TASK_QUEUE)) {
        process.stderr.write(`${paletteFor(process.stderr).yellow(noWorkerNote([CONTROL_TASK_QUEUE]))}\n`);
        return;
      }
    }
  }
  // It rejects only when its pause is aborted.
  const looking = look().catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}
