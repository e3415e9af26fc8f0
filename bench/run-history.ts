import type { Client, WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];
type Time = Event['eventTime'];

/** A step of a run: an activity or a workflow task, of the run's workflow or of a child. Milliseconds since the run began. */
interface Step {
  readonly workflowId: string;
  /** The activity's type; `workflow task` for a workflow task. */
  readonly name: string;
  readonly scheduledMs: number;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** What a run left in Temporal: in the history of its workflow and in those of its children. */
export interface RunHistory {
  /** How often the run looked at its own work: once after 10 seconds, then at growing intervals. */
  readonly looks: number;
  readonly events: number;
  /** Those that ended, without looks. */
  readonly activities: number;
  readonly workflowTasks: number;
  readonly steps: readonly Step[];
  /** From the start of its workflow to the end, by Temporal's clock. */
  readonly seconds: number;
}

/** The histories of a completed run and its children. */
export async function runHistory(client: Client, workflowId: string): Promise<RunHistory> {
  const parent = await eventsOf(client, workflowId);
  const children = await Promise.all(
    parent.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
      child?.workflowId ? [namedEvents(client, child.workflowId)] : [],
    ),
  );
  const startMs = msOf(parent[0]?.eventTime);
  const all = [{ workflowId, events: parent }, ...children];
  const steps = all.flatMap((one) => stepsOf(one.workflowId, one.events, startMs));
  const scheduled = parent.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  const workflowTasks = steps.filter(({ name }) => name === WORKFLOW_TASK).length;
  return {
    looks: scheduled.filter(({ activityType }) => activityType?.name === 'watchWork').length,
    events: all.reduce((sum, { events }) => sum + events.length, 0),
    activities: steps.filter(({ name }) => name !== WORKFLOW_TASK && name !== 'watchWork').length,
    workflowTasks,
    steps: steps.toSorted((a, b) => a.scheduledMs - b.scheduledMs),
    seconds: (msOf(parent.at(-1)?.eventTime) - startMs) / 1000,
  };
}

const WORKFLOW_TASK = 'workflow task';

const namedEvents = async (client: Client, workflowId: string) => ({
  workflowId,
  events: await eventsOf(client, workflowId),
});

async function eventsOf(client: Client, workflowId: string): Promise<readonly Event[]> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** Activities that ended, and workflow tasks that were completed. */
function stepsOf(workflowId: string, events: readonly Event[], startMs: number): Step[] {
  const byId = new Map(events.map((event) => [Number(event.eventId), event]));
  const timeOf = (id: unknown) => msOf(byId.get(Number(id))?.eventTime) - startMs;
  return events.flatMap((event) => {
    const activity = event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes;
    const ended = activity ?? event.workflowTaskCompletedEventAttributes;
    if (!ended) return [];
    const scheduled = byId.get(Number(ended.scheduledEventId))?.activityTaskScheduledEventAttributes;
    return [
      {
        workflowId,
        name: scheduled?.activityType?.name ?? WORKFLOW_TASK,
        scheduledMs: timeOf(ended.scheduledEventId),
        startedMs: timeOf(ended.startedEventId),
        endedMs: msOf(event.eventTime) - startMs,
      },
    ];
  });
}

function msOf(time: Time): number {
  return Number(time?.seconds ?? 0) * 1000 + Number(time?.nanos ?? 0) / 1e6;
}
