import type { ObjectStore } from '../clients/object-store.ts';
import { PipelineAlerts } from '../pipeline/alerts/pipeline-alerts.ts';
import { alertsKey } from '../pipeline/run/run-directory.ts';
import type { Bookmark } from './bookmark.ts';

/** What alerts know about a pipeline: `alerts.json`, beside its runs. */
export const pipelineAlerts = (
  store: ObjectStore,
  at: { readonly prefix: string; readonly pipeline: string },
): Bookmark<PipelineAlerts> => ({
  store,
  key: alertsKey(at),
  schema: PipelineAlerts,
  remedy: 'Delete it: it only says which failures are not resolved yet, and whether the pipeline is muted.',
});
