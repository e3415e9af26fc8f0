import { destinationsOf } from '../../pipeline/alerts/alerts-definition.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** Whether the worker's configuration has destinations of alerts. A file that cannot be read has none. */
export async function hasDestinations({ alerts }: Pick<Dependencies, 'alerts'>): Promise<boolean> {
  try {
    return destinationsOf(await alerts.definition()).length > 0;
  } catch {
    return false;
  }
}
