import type { Client, ScheduleOptions } from '@temporalio/client';
import type { ScheduleDefinition } from '../../config/schedules/schedule-definition.ts';
import { durationSeconds } from '../../pipeline/text/durations.ts';
import type { KnownSchedule } from '../temporal/known-schedule.ts';

/** What the schedules of pipelines, of loaders and of watches have in common. */

/** Starts missed for longer than this are skipped. */
export const CATCH_UP = '1 day';

/** When a schedule starts what it runs. */
export function timesOf({
  cron,
  every,
  timezone,
  jitter,
}: Pick<ScheduleDefinition, 'cron' | 'every' | 'timezone' | 'jitter'>): ScheduleOptions['spec'] {
  return {
    ...(cron === undefined ? {} : { cronExpressions: [cron] }),
    ...(every === undefined ? {} : { intervals: [{ every: durationMs(every) }] }),
    timezone,
    jitter: durationMs(jitter),
  };
}

/** A duration that the definition's schema has checked. */
const durationMs = (text: string): number => (durationSeconds(text) ?? 0) * 1000;

/** Equal for equal definitions, whatever the order of their keys. */
export const definitionText = (definition: object): string =>
  JSON.stringify(Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Creates the schedule, or updates it if its definition changed, which the memo of its action stores. What is paused stays
 * paused.
 * @param found the schedule as Temporal has it
 */
export async function writeSchedule(
  client: Client,
  options: ScheduleOptions,
  found: KnownSchedule | undefined,
): Promise<'created' | 'updated' | 'unchanged'> {
  const { scheduleId, spec, action, policies } = options;
  if (found === undefined) {
    await client.schedule.create(options);
    return 'created';
  }
  if (found.actionMemo?.definition === action.memo?.definition) return 'unchanged';
  await client.schedule.getHandle(scheduleId).update(({ state }) => ({
    spec,
    // Required here, unlike in the options of a new schedule.
    action: { ...action, workflowId: action.workflowId ?? scheduleId },
    ...(policies && { policies }),
    state,
  }));
  return 'updated';
}
