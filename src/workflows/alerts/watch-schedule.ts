import { defineSearchAttributeKey } from '@temporalio/common';
import { proxyActivities, sleep, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { WatchScheduleInput, WatchScheduleResult } from '../../contract/alerts.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { duration } from '../../pipeline/text/measures.ts';
import { asTyped, showDetails } from '../as-typed.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { raiseAlert } from './raise-alert.ts';

const { checkSchedule } = proxyActivities<AlertActivities>(profiles.short);

/** Temporal sets it on what a schedule starts: the time at which that was due, also if it is caught up later. */
const SCHEDULED_START = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Waits until a schedule must have finished, and reports it as late if no run has replaced live since it was due. It is
 * started by a schedule of its own, so it also notices a schedule that started nothing: because it is paused or deleted,
 * or because the run before blocks it.
 */
export async function watchSchedule(input: WatchScheduleInput): Promise<WatchScheduleResult> {
  refuseUnknownInput(input, { schedule: true, pipeline: true, finishWithinSeconds: true });
  const { schedule, pipeline, finishWithinSeconds } = input;
  const { namespace, startTime, typedSearchAttributes } = workflowInfo();
  const due = typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
  const deadlineMs = due.getTime() + finishWithinSeconds * 1000;
  const limit = duration(finishWithinSeconds);
  upsertMemo({ pipeline, schedule });
  showDetails(`Looks at ${new Date(deadlineMs).toISOString()} whether \`${pipeline}\` has been refreshed.`);
  if (deadlineMs > Date.now()) await sleep(deadlineMs - Date.now());

  const check = await checkSchedule({ schedule, pipeline, due: due.toISOString() });
  if (check.finished) {
    showDetails(`\`${pipeline}\` was refreshed within ${limit}.`);
    return { due: due.toISOString(), late: false };
  }
  const { found, commands, workflow } = check;
  showDetails(`**Late.** ${found}`);
  await raiseAlert({
    event: {
      version: 1,
      id: eventId(['late', namespace, schedule, due.toISOString()]),
      kind: 'late',
      at: new Date(Date.now()).toISOString(),
      pipeline,
      schedule,
      what: `${pipeline} was due at ${due.toISOString()} by schedule ${schedule}, and no run has replaced live within ${limit}.`,
      cause: found,
      next: asTyped(`To look into it: \`${commands.join(' && ')}\``),
      commands: commands.map(asTyped),
      ...(workflow === undefined ? {} : { workflow: { namespace, ...workflow } }),
    },
  });
  return { due: due.toISOString(), late: true };
}
