import { destinationsOf } from '../../pipeline/alerts/alerts-definition.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/**
 * Whether the worker's configuration has destinations of alerts, and an OpenLineage endpoint. A run without them starts no
 * workflows to send to them. A file that cannot be read has none.
 */
export async function whoListens({
  alerts,
}: Pick<Dependencies, 'alerts'>): Promise<{ readonly alerts?: true; readonly lineage?: true }> {
  const hasAlerts = await isTrue(async () => destinationsOf(await alerts.definition()).length > 0);
  const hasLineage = await isTrue(async () => (await alerts.lineage()) !== undefined);
  return { ...(hasAlerts ? { alerts: true } : {}), ...(hasLineage ? { lineage: true } : {}) };
}

async function isTrue(question: () => Promise<boolean>): Promise<boolean> {
  try {
    return await question();
  } catch {
    return false;
  }
}
