import { ApplicationFailure } from '@temporalio/common';
import { isCancellation, proxyActivities, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { SendAlertInput, SendAlertResult } from '../../contract/alerts.ts';
import { rootCause } from '../../contract/failure.ts';
import { profiles } from '../profiles.ts';

const { routeAlert } = proxyActivities<AlertActivities>(profiles.route);
const { deliverAlert } = proxyActivities<AlertActivities>(profiles.deliver);

/**
 * Delivers one event to every destination that wants it. Each delivery is retried on its own, for three days; one that is
 * given up fails this workflow, and nothing else.
 */
export async function sendAlert(input: SendAlertInput): Promise<SendAlertResult> {
  const { pipeline, kind } = input.event;
  upsertMemo({ pipeline, alert: kind });
  const { event, destinations, reason } = await routeAlert(input);
  const failed: Record<string, string> = {};
  const delivered: string[] = [];
  await Promise.all(
    destinations.map(async (destination) => {
      try {
        await deliverAlert.executeWithOptions({ summary: `${event.kind} to ${destination}` }, [
          { event, destination },
        ]);
        delivered.push(destination);
      } catch (error) {
        if (isCancellation(error)) throw error;
        failed[destination] = rootCause(error).message;
      }
    }),
  );
  const result: SendAlertResult = {
    id: event.id,
    delivered: delivered.sort(),
    ...(reason === undefined ? {} : { reason }),
    failed,
  };
  setCurrentDetails(
    reason === undefined ? `Delivered to ${delivered.join(', ') || 'none'}.` : `Not sent: ${reason}.`,
  );
  const givenUp = Object.entries(failed).map(([destination, why]) => `${destination}: ${why}`);
  if (givenUp.length > 0) {
    const message = `The alert could not be delivered to ${givenUp.join('; ')}`;
    throw ApplicationFailure.create({
      message,
      type: 'DeliveryFailed',
      nonRetryable: true,
      details: [result],
    });
  }
  return result;
}
