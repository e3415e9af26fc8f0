import type { Client } from '@temporalio/client';
import type { BatchRetry } from '../../contract/loader/loader.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { stepsOf } from './pending-steps.ts';
import { undecoded } from './undecoded.ts';

/** The loader's workflow keeps it. */
const MOST_ERROR_CHARACTERS = 1000;
const ANSWER_SECONDS = 5;

/** Whether the load of a batch is tried again, and why. Undefined if it is not, or if Temporal does not say. */
export async function batchRetry(client: Client, workflowId: string): Promise<BatchRetry | undefined> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, async () => {
      const { raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
      const steps = await stepsOf(client, workflowId, raw);
      const step = steps.find(({ attempt }) => attempt > 1);
      if (step === undefined) return undefined;
      const { attempt, isRunning, lostWorker, failure, nextAttemptMs } = step;
      return {
        attempt,
        error: cut(lostWorker ? 'its worker died or froze' : (failure ?? 'unknown'), MOST_ERROR_CHARACTERS),
        ...(isRunning || nextAttemptMs === undefined
          ? {}
          : { nextAt: new Date(nextAttemptMs).toISOString() }),
      };
    });
  } catch {
    // It has ended in the meantime, or Temporal does not answer: the rest is still worth showing.
    return undefined;
  }
}
