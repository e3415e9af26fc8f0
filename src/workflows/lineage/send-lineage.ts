import { proxyActivities, upsertMemo } from '@temporalio/workflow';
import type { LineageActivities, SendLineageInput } from '../../contract/lineage.ts';
import { profiles } from '../profiles.ts';

const { deliverLineage } = proxyActivities<LineageActivities>(profiles.deliver);

/** Sends one event of a run to the OpenLineage endpoint. Tried for three days; then this workflow fails, and nothing else. */
export async function sendLineage({ event }: SendLineageInput): Promise<void> {
  const { ref, report } = event;
  upsertMemo({ pipeline: ref.pipeline, lineage: report.eventType });
  await deliverLineage.executeWithOptions({ summary: report.eventType }, [event]);
}
