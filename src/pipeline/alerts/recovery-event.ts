import type { AlertEvent } from './alert-event.ts';
import { eventId } from './event-id.ts';
import type { PipelineAlerts } from './pipeline-alerts.ts';

/**
 * The event `recovered` of a completed run. Its id is that of what it resolves, which is resolved once.
 * @param completed the completion that the run reported
 * @param state the pipeline's state after it
 * @returns undefined if it resolves nothing
 */
export function recoveryEvent(
  completed: AlertEvent,
  state: PipelineAlerts | undefined,
): AlertEvent | undefined {
  const { incidents = [] } = state?.recoveries.find(({ by }) => by === completed.id) ?? {};
  const [first] = incidents;
  if (first === undefined) return undefined;
  const resolves = incidents.map(({ id }) => id);
  const kinds = [...new Set(incidents.map(({ kind }) => kind))].join(', ');
  return {
    ...completed,
    id: eventId(['recovered', completed.pipeline, ...resolves]),
    what: `${completed.what} This ends what began at ${first.at}: ${kinds}.`,
    resolves,
  };
}
