import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { WatchWorkInput } from '../../contract/refresh-activities.ts';
import { delayLines, delaysKey, stepsText, type WorkNow, workNow } from '../../pipeline/run/work-now.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { pendingSteps } from './pending-steps.ts';

/** How often the steps are looked at. A heartbeat is at most 5 s old, so a reason is known within half a minute. */
const LOOK_EVERY_MS = 8_000;

/**
 * Watches what its workflow and the workflow's children are doing, and returns when something begins to be retried or
 * blocked, or no longer is, or when `atMostSeconds` have passed. Looking costs no history; only a return does.
 * Meanwhile, the heartbeats say what was seen.
 */
export async function watchWork({ known, quietSeconds, atMostSeconds }: WatchWorkInput): Promise<WorkNow> {
  const { client, info } = Context.current();
  const workflowId = info.workflowExecution?.workflowId ?? '';
  const beganMs = Date.now();
  let seen = 'looking at what the workflow and its children do';
  return whileHeartbeating(
    () => seen,
    async (signal) => {
      for (;;) {
        await setTimeout(LOOK_EVERY_MS, undefined, { signal });
        const steps = await pendingSteps(client, workflowId);
        const now = workNow(
          steps.filter(({ activity }) => activity !== info.activityType),
          Date.now(),
        );
        seen = [stepsText(now), ...delayLines(now)].join('; ');
        const seconds = (Date.now() - beganMs) / 1000;
        const isNew = seconds >= quietSeconds && delaysKey(now) !== known;
        if (isNew || seconds >= atMostSeconds) return now;
      }
    },
  );
}
