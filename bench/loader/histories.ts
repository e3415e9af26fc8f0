import type { Client, WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Time = NonNullable<History['events']>[number]['eventTime'];

/** What one workflow left in Temporal, over all executions that it continued as. */
export interface WorkflowHistory {
  readonly executions: number;
  /** All events. */
  readonly events: number;
  /** Of the longest execution. Temporal warns at 10,240 events or 10 MB. */
  readonly mostEvents: number;
  readonly mostBytes: number;
  /** How long each activity took, from its schedule to its end, in milliseconds, by the activity's type. */
  readonly activities: ReadonlyMap<string, readonly number[]>;
  /** How long each child took, from its start to its end, in milliseconds; without those that a later execution ended. */
  readonly children: readonly number[];
}

export async function workflowHistory(client: Client, workflowId: string): Promise<WorkflowHistory> {
  const activities = new Map<string, number[]>();
  const children: number[] = [];
  let [executions, events, mostEvents, mostBytes] = [0, 0, 0, 0];
  let runId: string | undefined = (await client.workflow.getHandle(workflowId).describe()).runId;
  // Back from the newest: each history begins with the execution that it continues.
  while (runId !== undefined && runId !== '') {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, runId);
    const { historyLength, historySize = 0 } = await handle.describe();
    const found: NonNullable<History['events']> = (await handle.fetchHistory()).events ?? [];
    executions++;
    events += historyLength;
    mostEvents = Math.max(mostEvents, historyLength);
    mostBytes = Math.max(mostBytes, historySize);
    const byId = new Map(found.map((event) => [Number(event.eventId), event]));
    for (const { childWorkflowExecutionCompletedEventAttributes: ended, eventTime } of found) {
      const started = byId.get(Number(ended?.initiatedEventId));
      if (ended && started) children.push(msOf(eventTime) - msOf(started.eventTime));
    }
    for (const { activityTaskCompletedEventAttributes: ended, eventTime } of found) {
      const scheduled = byId.get(Number(ended?.scheduledEventId));
      const name = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name;
      if (!name) continue;
      activities.set(name, [...(activities.get(name) ?? []), msOf(eventTime) - msOf(scheduled.eventTime)]);
    }
    runId = found[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
  }
  return { executions, events, mostEvents, mostBytes, activities, children };
}

const msOf = (time: Time) => Number(time?.seconds ?? 0) * 1000 + Number(time?.nanos ?? 0) / 1e6;
