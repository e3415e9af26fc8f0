import {
  type Client,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { WatchScheduleInput } from '../../contract/alerts.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { durationSeconds } from '../../pipeline/text/durations.ts';
import { describeSchedule } from '../temporal/known-schedule.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { CATCH_UP, writeSchedule } from './schedule-parts.ts';

/**
 * The watch of a schedule with `finishWithin`: a schedule of its own that is due at the same times, and starts the workflow
 * that reports the other one if it is late. Names of schedules have no dot, so its id is free.
 */
const watchId = (schedule: string) => `${schedule}.watch`;

/** What a schedule must have run in time. */
export interface Watched extends Omit<WatchScheduleInput, 'schedule' | 'finishWithinSeconds'> {
  /** Absent: it is never late. */
  readonly finishWithin?: string | undefined;
}

/** @param spec that of the watched schedule */
function watchOptions(
  schedule: string,
  { finishWithin, pipeline, datasets, isOfFiles }: Watched,
  spec: ScheduleOptions['spec'],
): ScheduleOptions {
  const input: WatchScheduleInput = {
    ...{ schedule, pipeline },
    ...(datasets === undefined ? {} : { datasets }),
    ...(isOfFiles === undefined ? {} : { isOfFiles }),
    finishWithinSeconds: durationSeconds(finishWithin ?? '') ?? 0,
  };
  // Each start of the schedule is counted from the time it is due, so the watch itself has no jitter.
  const { jitter: _, ...times } = spec;
  return {
    scheduleId: watchId(schedule),
    spec: times,
    action: {
      type: 'startWorkflow',
      workflowType: 'watchSchedule',
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: `watch-${schedule}`,
      args: [input],
      memo: { pipeline, schedule, command: TRIBUTARY, definition: JSON.stringify([input, times]) },
      staticSummary: `is ${schedule} late?`,
    },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributaryWatch: schedule },
  };
}

/**
 * Creates, updates or deletes the watch of a schedule, as its definition says. A new one is paused if the schedule is.
 * @returns whether anything changed
 */
export async function applyWatch(
  client: Client,
  schedule: string,
  watched: Watched,
  { spec, paused }: { readonly spec: ScheduleOptions['spec']; readonly paused: boolean },
): Promise<boolean> {
  const found = await describeSchedule(client, watchId(schedule));
  if (watched.finishWithin === undefined) {
    if (found !== undefined) await client.schedule.getHandle(watchId(schedule)).delete();
    return found !== undefined;
  }
  const options = { ...watchOptions(schedule, watched, spec), state: { paused } };
  return (await writeSchedule(client, options, found)) !== 'unchanged';
}

/** Pauses, resumes or deletes the watch of a schedule, if it has one. */
export async function changeWatch(
  client: Client,
  schedule: string,
  verb: 'pause' | 'resume' | 'delete',
): Promise<void> {
  const handle = client.schedule.getHandle(watchId(schedule));
  try {
    if (verb === 'pause') await handle.pause('by tributary schedule pause');
    else if (verb === 'resume') await handle.unpause('by tributary schedule resume');
    else await handle.delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
