import { Terminal, Transient } from '../../clients/errors.ts';

/**
 * Does a part of a delivery. What would be a terminal failure elsewhere is retried: an operator can fix a configuration,
 * a permission or a password while the alert waits.
 */
export async function retryingDelivery<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Terminal) throw new Transient('DeliveryFailed', error.message, { cause: error });
    throw error;
  }
}
