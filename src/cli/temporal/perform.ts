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
import { paletteFor } from '../terminal/palette.ts';
import { failureText } from './failure-text.ts';
import { isOutOfReach } from './is-out-of-reach.ts';
import { noWorkerNote, queuesWithoutWorker } from './task-queue-pollers.ts';

/** Work for a worker that is no run: a workflow to start, and how people and lists know it. */
export interface Work<Input extends { readonly pipeline: string }> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: Input;
  readonly summary: string;
}

/** How long a worker may take to begin before it is looked for. */
const LOOK_FOR_WORKER_MS = 3000;
const LOOK_AGAIN_MS = 15_000;
/** How long ending a workflow may take, that the command's own end is not held up. */
const END_MS = 5000;

/** @throws CommandError where a workflow of that id is under way. */
export async function begin<Input extends { readonly pipeline: string }>(
  client: Client,
  work: Work<Input>,
): Promise<void> {
  const { type, workflowId, input, summary } = work;
  try {
    await client.workflow.start(type, {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
      memo: { pipeline: input.pipeline },
      staticSummary: summary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new CommandError(
      ExitCode.usage,
      `The workflow ${workflowId} is under way already: ${summary}. ` +
        `To take that back: temporal workflow cancel --workflow-id ${workflowId}`,
      { cause: error },
    );
  }
}

/** What becomes of work whose command does not wait for its end. */
export interface Waiting {
  /** It changes nothing that lasts: its workflow is ended with the command. Else the request stands. */
  readonly onlyLooks?: boolean;
  /** Given up after so long; never where it is not given. */
  readonly timeoutSeconds?: number;
  /** Of a command that waits for several; else each listens for Ctrl-C and SIGTERM itself. */
  readonly interrupt?: Interrupt;
}

/** The command ended before the work did. */
export class GaveUpWaiting extends CommandError {}

/** Begins it and waits for its result: an interruption in between finds it begun. @throws as both of them */
export async function perform<Output, Input extends { readonly pipeline: string }>(
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
 * Its result. While no worker takes it up, that is told on stderr, once.
 * @throws CommandError with the root cause where it fails; GaveUpWaiting on Ctrl-C, SIGTERM, the timeout, or when
 * Temporal does not answer any more.
 */
export async function resultOf<Output>(
  client: Client,
  workflowId: string,
  { onlyLooks = false, timeoutSeconds, interrupt: shared }: Waiting = {},
): Promise<Output> {
  const told = tellMissingWorker(client);
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
        : 'Temporal does not answer any more';
    const then = onlyLooks ? await ended(handle) : `The request stands: ${standing(workflowId)}`;
    throw new GaveUpWaiting(interrupted ? ExitCode.interrupted : ExitCode.failed, `${why}. ${then}`, {
      cause: error,
    });
  } finally {
    await told.stop();
    if (shared === undefined) interrupt.release();
  }
}

const standing = (workflowId: string): string =>
  `workflow ${workflowId} goes on, or begins when a worker takes it up. ` +
  `To take it back: temporal workflow cancel --workflow-id ${workflowId}`;

/** Terminated, not cancelled: without a worker nobody would see to a cancellation. */
async function ended(handle: WorkflowHandle): Promise<string> {
  const { workflowId } = handle;
  try {
    await handle.client.withDeadline(Date.now() + END_MS, () =>
      handle.terminate('The command that asked for it has ended.'),
    );
    return `Workflow ${workflowId}, which only looks, was ended too.`;
  } catch {
    return `Workflow ${workflowId}, which only looks, may be open still.`;
  }
}

/**
 * Looks until it has something to tell: of a worker that died, Temporal knows no better for a while. Once it is stopped
 * nothing is asked over the connection any more.
 */
function tellMissingWorker(client: Client): { readonly stop: () => Promise<void> } {
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
  // Only its pause is cut short.
  const looking = look().catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}
