import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { type PendingStep, stepName } from '../../pipeline/run/pending-step.ts';
import { stepProgressOf } from '../../pipeline/run/step-progress.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { decodedPayload } from './decoded-payload.ts';
import { failureMessage } from './failure-message.ts';
import { undecoded } from './undecoded.ts';

/** The most children whose activities are looked up. A fan-out never runs more at once. */
const MAX_CHILDREN = 50;
const ASKED_AT_ONCE = 8;
/** Temporal's numbers: an activity that no worker has taken, and a time limit that was exceeded. */
const SCHEDULED = 1;
const HEARTBEAT_TIMEOUT = 4;

type Raw = WorkflowExecutionDescription['raw'];
type RawActivity = NonNullable<Raw['pendingActivities']>[number];
type RawTime = RawActivity['lastHeartbeatTime'];

/** The activities of a workflow that have not ended, and those of its running children. */
export async function pendingSteps(client: Client, workflowId: string): Promise<PendingStep[]> {
  const { raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
  return [...(await stepsOf(client, workflowId, raw)), ...(await pendingStepsOfChildren(client, raw))];
}

/** The same for the children alone. @param raw the parent's description */
export async function pendingStepsOfChildren(
  client: Client,
  { pendingChildren }: Pick<Raw, 'pendingChildren'>,
): Promise<PendingStep[]> {
  const ids = (pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []).slice(0, MAX_CHILDREN);
  const found = new Map<string, readonly PendingStep[]>();
  await forEachLimited(ids, ASKED_AT_ONCE, async (workflowId) => {
    try {
      const { raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
      found.set(workflowId, await stepsOf(client, workflowId, raw));
    } catch {
      // It has ended in the meantime, or Temporal does not answer: the others are still worth showing.
    }
  });
  return ids.flatMap((workflowId) => found.get(workflowId) ?? []);
}

/** The pending activities in a workflow's description. */
export async function stepsOf(
  client: Client,
  workflowId: string,
  { pendingActivities }: Pick<Raw, 'pendingActivities'>,
): Promise<PendingStep[]> {
  return Promise.all((pendingActivities ?? []).map((raw) => stepOf(client, raw, workflowId)));
}

async function stepOf(client: Client, raw: RawActivity, workflowId: string): Promise<PendingStep> {
  const activity = raw.activityType?.name ?? 'activity';
  const [details] = raw.heartbeatDetails?.payloads ?? [];
  let failure = raw.lastFailure;
  const lostWorker = failure?.timeoutFailureInfo?.timeoutType === HEARTBEAT_TIMEOUT;
  while (failure?.cause != null) failure = failure.cause;
  return {
    workflowId,
    step: stepName(activity, workflowId),
    activity,
    isRunning: raw.state !== SCHEDULED,
    attempt: raw.attempt ?? 1,
    heartbeat: details == null ? {} : stepProgressOf(await decoded(client, details)),
    heartbeatMs: msOf(raw.lastHeartbeatTime),
    startedMs: msOf(raw.lastStartedTime),
    nextAttemptMs: msOf(raw.nextAttemptScheduleTime),
    failure: failure == null ? undefined : (await failureMessage(client, failure)) || undefined,
    lostWorker,
    worker: raw.lastWorkerIdentity || undefined,
  };
}

async function decoded(client: Client, payload: Payload): Promise<unknown> {
  try {
    return await decodedPayload(client, payload);
  } catch {
    // Encoded by a codec that is not known here.
    return undefined;
  }
}

const msOf = (time: RawTime): number | undefined =>
  time?.seconds == null ? undefined : Number(time.seconds) * 1000 + (time.nanos ?? 0) / 1e6;
