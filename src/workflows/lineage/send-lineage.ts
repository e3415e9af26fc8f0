import { proxyActivities, upsertMemo } from '@temporalio/workflow';
import type { LineageActivities, SendLineageInput } from '../../contract/lineage.ts';
import { profiles } from '../profiles.ts';

const { deliverLineage } = proxyActivities<LineageActivities>(profiles.deliver);

/** Sends one event of a run to the OpenLineage endpoint. Tried for three days; then this workflow fails, and nothing else. */
export async function sendLineage({ event }: SendLineageInput): Promise<void> {
  const { eventType } = 'ref' in event ? event.report : event.dataset;
  upsertMemo({ ...('ref' in event ? { pipeline: event.ref.pipeline } : {}), lineage: eventType });
  await deliverLineage.executeWithOptions({ summary: eventType }, [event]);
}
