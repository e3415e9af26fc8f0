import { Terminal, Transient } from '../../clients/errors.ts';
import type { AlertDependencies } from './dependencies.ts';

/** What the deliveries of alerts and of lineage events have in common. */

/**
 * Does a part of a delivery. What would be a terminal failure elsewhere is retried: an operator can fix a configuration,
 * a permission or a password while the event waits.
 */
export async function retryingDelivery<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Terminal) throw new Transient('DeliveryFailed', error.message, { cause: error });
    throw error;
  }
}

/**
 * The secret in a variable of this worker's environment.
 * @param setting what names the variable in the configuration, e.g. `alerts.slack.team`
 * @throws Transient `DeliveryFailed` if it is not set
 */
export function secretIn(alerts: AlertDependencies, variable: string, setting: string): string {
  const value = alerts.secret(variable);
  if (value !== undefined) return value;
  throw new Transient(
    'DeliveryFailed',
    `The environment of this worker has no ${variable}, which ${setting} of its configuration names. ` +
      'Set it and restart the worker.',
  );
}
