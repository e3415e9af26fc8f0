import { log } from '@temporalio/activity';
import type { Loaders, NamedLoader } from '../../pipeline/loader/routing.ts';
import { loadersWatching } from '../../pipeline/loader/watched.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

const REREAD_MS = 15_000;

/**
 * The loaders of the worker's configuration, reread every few seconds. A file that is invalid for a while, because it is
 * being edited, changes nothing.
 */
export class QueueLoaders {
  readonly #deps: Pick<Dependencies, 'loaders'>;
  readonly #queue: string;
  #readMs = Number.NEGATIVE_INFINITY;
  #all: Loaders | undefined;

  /** @param queue its URL */
  constructor(deps: Pick<Dependencies, 'loaders'>, queue: string) {
    this.#deps = deps;
    this.#queue = queue;
  }

  /** All loaders: a file belongs to the one that it matches, whichever queue announced it. */
  get all(): Loaders {
    return this.#all ?? {};
  }

  /** Those that use the queue. */
  get ofQueue(): NamedLoader[] {
    return loadersWatching(this.all, { queue: this.#queue });
  }

  /** @throws Terminal if there is no valid file, and never was */
  async reread(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#readMs < REREAD_MS) return;
    this.#readMs = nowMs;
    try {
      this.#all = await this.#deps.loaders();
    } catch (error) {
      if (this.#all === undefined) throw error;
      log.warn('the configuration cannot be read; the loaders of the last valid one are used', {
        error: String(error),
      });
    }
  }
}
