import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { BulkLoadProgress, BulkLoadResult } from '../../contract/loader/bulk-load.ts';
import { bulkLoadLine } from '../../contract/loader/bulk-load-details.ts';
import { askProgress } from '../observe/observe-run.ts';
import { failureText } from '../temporal/failure-text.ts';
import { isOutOfReach } from '../temporal/is-out-of-reach.ts';
import { describeWorkflow } from '../temporal/known-workflow.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { loadLines } from './load-lines.ts';

const LOOK_EVERY_MS = 1000;
const WORKERS_EVERY_MS = 5000;

/** Prints one line per change until the load has ended. A load continues if it is no longer watched. */
export async function watchLoad(
  client: Client,
  workflowId: string,
  { loader, json }: { readonly loader: string; readonly json: boolean },
): Promise<ExitCode> {
  const out = json ? process.stderr : process.stdout;
  const say = (line: string) => void out.write(`${line}\n`);
  const interrupt = onInterrupt();
  try {
    const hasEnded = await untilEnded(client, workflowId, say, interrupt.signal);
    if (!hasEnded) {
      say('Stopped watching; the load continues.');
      return ExitCode.interrupted;
    }
  } finally {
    interrupt.release();
  }
  const result = await resultOf(client, workflowId);
  for (const line of loadLines(loader, result)) say(line);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.parked.length > 0 ? ExitCode.waiting : ExitCode.done;
}

/** @returns whether it has ended; false: the signal was aborted */
async function untilEnded(
  client: Client,
  workflowId: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let before = '';
  let isLost = false;
  const change = (line: string) => {
    if (line !== before) say(line);
    before = line;
  };
  let workersAtMs = Date.now() + LOOK_EVERY_MS * 3;
  while (!signal.aborted) {
    try {
      const { closeTime } = await client.withAbortSignal(signal, () => describeWorkflow(client, workflowId));
      if (isLost) say('Temporal answers again');
      isLost = false;
      if (closeTime !== undefined) return true;
      const progress = await askProgress<BulkLoadProgress>(client, workflowId);
      if (progress !== undefined) change(bulkLoadLine(progress));
      else if (Date.now() >= workersAtMs) {
        workersAtMs = Date.now() + WORKERS_EVERY_MS;
        const missing = await queuesWithoutWorker(client, Date.now());
        if (missing.length > 0) change(noWorkerNote(missing));
      }
    } catch (error) {
      if (signal.aborted) break;
      if (!isOutOfReach(error)) throw error;
      if (!isLost) say('Temporal does not answer; trying again. The load itself is not affected.');
      isLost = true;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

async function resultOf(client: Client, workflowId: string): Promise<BulkLoadResult> {
  try {
    return (await client.workflow.getHandle(workflowId).result()) as BulkLoadResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new CommandError(ExitCode.failed, asTypedHere(failureText(error.cause)), { cause: error });
  }
}
