import { isCancellation, proxyActivities, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from '../../contract/alert-activities.ts';
import type { TestAlertsInput, TestAlertsResult } from '../../contract/alerts.ts';
import { rootCause } from '../../contract/failure.ts';
import type { AlertEvent } from '../../pipeline/alerts/alert-event.ts';
import { eventId } from '../../pipeline/alerts/event-id.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { routeAlert, deliverAlert } = proxyActivities<AlertActivities>(profiles.try);

/** Sends a test alert to all destinations, or to one, and reports what each of them answered. Gives up after a minute. */
export async function testAlerts(input: TestAlertsInput): Promise<TestAlertsResult> {
  refuseUnknownInput(input, { pipeline: true, destination: true });
  const { namespace, workflowId, runId, startTime } = workflowInfo();
  upsertMemo({ pipeline: input.pipeline });
  const event: AlertEvent = {
    version: 1,
    id: eventId(['test', namespace, workflowId, runId]),
    kind: 'test',
    at: startTime.toISOString(),
    pipeline: input.pipeline,
    what: `This is a test: alerts of ${input.pipeline} arrive here.`,
    workflow: { namespace, workflowId, runId },
  };
  const { destinations } = await routeAlert({ event });
  const wanted = destinations.filter((each) => input.destination === undefined || each === input.destination);
  const results = wanted.map(async (destination) => {
    try {
      await deliverAlert.executeWithOptions({ summary: `test to ${destination}` }, [{ event, destination }]);
      return { destination };
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { destination, error: rootCause(error).message };
    }
  });
  return { id: event.id, known: destinations, results: await Promise.all(results) };
}
