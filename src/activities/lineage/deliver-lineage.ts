import { log } from '@temporalio/activity';
import type { LineageEvent } from '../../contract/lineage.ts';
import { buildDatasetEvent, type DatasetLineageReport } from '../../pipeline/lineage/build-dataset-event.ts';
import { buildRunEvent, type LineageReport } from '../../pipeline/lineage/build-run-event.ts';
import type { RunEvent } from '../../pipeline/lineage/run-event.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { findManifest, readPlan } from '../../store/run-files.ts';
import { retryingDelivery, secretIn } from '../runtime/delivery.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { readLineage } from './read-lineage.ts';

/**
 * Sends one event of a run to the OpenLineage endpoint of today's configuration.
 * @throws Transient `DeliveryFailed`
 */
export async function deliverLineage(deps: Dependencies, event: LineageEvent): Promise<void> {
  const { eventType } = 'ref' in event ? event.report : event.dataset;
  await whileHeartbeating(
    () => `sending ${eventType} to OpenLineage`,
    (signal) =>
      retryingDelivery(async () => {
        const { alerts } = deps;
        const definition = await alerts.lineage();
        if (definition === undefined) {
          log.info(`${eventType} is not sent: the configuration has no lineage any more`);
          return;
        }
        const { urlFrom, authorizationFrom, namespace } = definition;
        const built =
          'ref' in event
            ? await ofRun(deps, event, namespace, signal)
            : await ofDataset(deps, event.dataset, namespace, signal);
        if (built === undefined) return;
        const authorization = authorizationFrom && secretIn(alerts, authorizationFrom, 'lineage');
        await alerts.http.post(
          {
            url: secretIn(alerts, urlFrom, 'lineage'),
            headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
            body: JSON.stringify(built),
          },
          { signal },
        );
      }),
    { checksLosses: true },
  );
}

async function ofRun(
  deps: Dependencies,
  { ref, report }: { readonly ref: RunRef; readonly report: LineageReport },
  namespace: string,
  signal: AbortSignal,
): Promise<RunEvent> {
  const store = deps.store(ref.bucket);
  return buildRunEvent(report, {
    plan: await readPlan(store, ref, signal),
    manifest: report.replaced ? await findManifest(store, ref, signal) : undefined,
    namespace,
    region: deps.alerts.region,
  });
}

/** @returns undefined if the configuration has no such dataset any more */
async function ofDataset(
  deps: Dependencies,
  report: DatasetLineageReport,
  namespace: string,
  signal: AbortSignal,
): Promise<RunEvent | undefined> {
  const { dataset, eventType } = report;
  if (dataset === undefined) return buildDatasetEvent(report, { namespace, inputs: [], output: undefined });
  const read = await readLineage(deps, dataset, report.partitions, signal);
  if (read === undefined)
    log.info(`${eventType} of ${dataset} is not sent: the configuration has no such dataset any more`);
  return read && buildDatasetEvent(report, { namespace, ...read });
}
