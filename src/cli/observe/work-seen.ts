import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { pendingStepsOfChildren, stepsOf } from '../../activities/temporal/pending-steps.ts';
import type { PendingStep } from '../../pipeline/run/pending-step.ts';
import { type WorkNow, workNow } from '../../pipeline/run/work-now.ts';

/** A look at the children is one question per child, so a command that watches a run takes one at most this often. */
const LOOK_EVERY_MS = 3_000;
const LOOK_SECONDS = 5;

interface Look {
  readonly atMs: number;
  readonly work: Promise<WorkNow | undefined>;
}

type Settled = NonNullable<WorkNow['settled']>;

/** What had ended at each look. What ends later was under way then, and must not be counted twice. */
const settledThen = new WeakMap<WorkNow, Settled>();

/** A look together with what had ended then. @param settled what has ended now, for a look that was just taken */
export function withSettled(now: WorkNow, settled: Settled | undefined): WorkNow {
  const then = settledThen.get(now) ?? settled;
  if (then === undefined) return now;
  settledThen.set(now, then);
  return { ...now, settled: { items: then.items, bytes: then.bytes } };
}

const looks = new WeakMap<Client, Map<string, Look>>();

/**
 * What an open run or inference is doing now, by Temporal's own lists. No worker needs to answer.
 * @returns undefined if Temporal does not answer in time
 */
export function workSeen(
  client: Client,
  workflowId: string,
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
): Promise<WorkNow | undefined> {
  const ofClient = looks.get(client) ?? new Map<string, Look>();
  looks.set(client, ofClient);
  const nowMs = Date.now();
  const last = ofClient.get(workflowId);
  if (last !== undefined && nowMs - last.atMs < LOOK_EVERY_MS) return last.work;
  const work = look(client, workflowId, raw, nowMs);
  ofClient.set(workflowId, { atMs: nowMs, work });
  return work;
}

/** The activities in a workflow's description, without the one that only watches the others. */
export async function ownSteps(
  client: Client,
  workflowId: string,
  raw: WorkflowExecutionDescription['raw'],
): Promise<PendingStep[]> {
  return (await stepsOf(client, workflowId, raw)).filter(({ activity }) => activity !== 'watchWork');
}

async function look(
  client: Client,
  workflowId: string,
  raw: WorkflowExecutionDescription['raw'],
  nowMs: number,
): Promise<WorkNow | undefined> {
  try {
    return await client.withDeadline(nowMs + LOOK_SECONDS * 1000, async () => {
      const own = await ownSteps(client, workflowId, raw);
      const children = await pendingStepsOfChildren(client, raw);
      return workNow([...own, ...children], Date.now());
    });
  } catch {
    return undefined;
  }
}
