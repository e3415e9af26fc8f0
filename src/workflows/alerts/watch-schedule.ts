import { proxyActivities, sleep, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { WatchScheduleInput, WatchScheduleResult } from '../../contract/alerts.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { duration } from '../../pipeline/text/measures.ts';
import { asTyped, showDetails } from '../as-typed.ts';
import { dueTime } from '../due-time.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { raiseAlert } from './raise-alert.ts';

const { checkSchedule } = proxyActivities<AlertActivities>(profiles.short);

/**
 * Waits until a schedule must have finished, and reports it as late if no run has replaced live, or built the datasets, since it was due. It is
 * started by a schedule of its own, so it also notices a schedule that started nothing: because it is paused or deleted,
 * or because the run before blocks it.
 */
export async function watchSchedule(input: WatchScheduleInput): Promise<WatchScheduleResult> {
  refuseUnknownInput(input, {
    ...{ schedule: true, pipeline: true, datasets: true, isOfFiles: true },
    finishWithinSeconds: true,
  });
  const { finishWithinSeconds, ...watched } = input;
  const { schedule, pipeline, datasets } = watched;
  const { namespace } = workflowInfo();
  const due = dueTime();
  const deadlineMs = due.getTime() + finishWithinSeconds * 1000;
  const limit = duration(finishWithinSeconds);
  upsertMemo({ pipeline, schedule });
  const done = datasets === undefined ? 'refreshed' : 'built';
  showDetails(`Looks at ${new Date(deadlineMs).toISOString()} whether \`${pipeline}\` has been ${done}.`);
  if (deadlineMs > Date.now()) await sleep(deadlineMs - Date.now());

  const check = await checkSchedule({ ...watched, due: due.toISOString() });
  if (check.finished) {
    showDetails(`\`${pipeline}\` was ${done} within ${limit}.`);
    return { due: due.toISOString(), late: false };
  }
  const { found, commands, workflow, place } = check;
  showDetails(`**Late.** ${found}`);
  await raiseAlert({
    event: {
      version: 1,
      id: eventId(['late', namespace, schedule, due.toISOString()]),
      kind: 'late',
      at: new Date(Date.now()).toISOString(),
      pipeline,
      schedule,
      ...(datasets === undefined ? {} : { isDataset: true as const }),
      what: `${pipeline} was due at ${due.toISOString()} by schedule ${schedule}, and no run has ${datasets === undefined ? 'replaced live' : 'built everything'} within ${limit}.`,
      cause: found,
      next: asTyped(`To look into it: \`${commands.join(' && ')}\``),
      commands: commands.map(asTyped),
      ...(workflow === undefined ? {} : { workflow: { namespace, ...workflow } }),
    },
    ...(place === undefined ? {} : { staging: place }),
  });
  return { due: due.toISOString(), late: true };
}
