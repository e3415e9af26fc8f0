import { log } from '@temporalio/activity';
import type { SendLineageInput } from '../../contract/lineage.ts';
import { buildRunEvent } from '../../pipeline/lineage/build-run-event.ts';
import { findManifest, readPlan } from '../../store/run-files.ts';
import { retryingDelivery, secretIn } from '../runtime/delivery.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

/**
 * Sends one event of a run to the OpenLineage endpoint of today's configuration.
 * @throws Transient `DeliveryFailed`
 */
export async function deliverLineage(
  deps: Dependencies,
  { ref, report }: SendLineageInput['event'],
): Promise<void> {
  await whileHeartbeating(
    () => `sending ${report.eventType} to OpenLineage`,
    (signal) =>
      retryingDelivery(async () => {
        const { alerts } = deps;
        const definition = await alerts.lineage();
        if (definition === undefined) {
          log.info(
            `${report.eventType} of ${ref.run} is not sent: the configuration has no lineage any more`,
          );
          return;
        }
        const store = deps.store(ref.bucket);
        const event = buildRunEvent(report, {
          plan: await readPlan(store, ref, signal),
          manifest: report.replaced ? await findManifest(store, ref, signal) : undefined,
          namespace: definition.namespace,
          region: alerts.region,
        });
        const { urlFrom, authorizationFrom } = definition;
        const authorization = authorizationFrom && secretIn(alerts, authorizationFrom, 'lineage');
        await alerts.http.post(
          {
            url: secretIn(alerts, urlFrom, 'lineage'),
            headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
            body: JSON.stringify(event),
          },
          { signal },
        );
      }),
    { checksLosses: true },
  );
}
