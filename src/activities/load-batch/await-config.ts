import { Terminal, Transient } from '../../clients/errors.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';

const MAY_BE_CORRECTED: ReadonlySet<string> = new Set(['ConfigNotFound', 'ConfigInvalid', 'UnknownLoader']);

/** Whether a failure with this code is one of the configuration. */
export const isOfConfig = (code: string): boolean => MAY_BE_CORRECTED.has(code);

/**
 * Does what needs the configuration of a loader that never ends. While its file is invalid, as in the middle of an edit, the
 * loader waits, so its batches wait as well.
 * @throws Transient `ConfigAwaited`
 */
export async function awaitingConfig<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isConfig = error instanceof Terminal || error instanceof Refusal;
    if (!isConfig || !isOfConfig(error.code)) throw error;
    throw new Transient(
      'ConfigAwaited',
      `The batch waits until the worker’s configuration is corrected (${error.code}): ${error.message}`,
      { cause: error },
    );
  }
}
