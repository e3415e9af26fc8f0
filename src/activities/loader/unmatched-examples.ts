import { log } from '@temporalio/activity';
import { unmatchedKey } from '../../pipeline/loader/loader-directory.ts';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { unmatchedStaging } from '../../pipeline/loader/watched.ts';
import { listUnmatched, UNMATCHED_LISTED, unmatchedFiles } from '../../store/loader/unmatched-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { UnmatchedFile } from './read-announcements.ts';

const WRITE_EVERY_MS = 10_000;

/** Files of a queue that no loader matches, on their way to the list in S3. They are examples: nothing depends on them. */
export class UnmatchedExamples {
  readonly #deps: Pick<Dependencies, 'store'>;
  readonly #queue: string;
  #files: readonly UnmatchedFile[] = [];
  #loaders: Loaders = {};
  #writtenMs = Number.NEGATIVE_INFINITY;

  /** @param queue its URL */
  constructor(deps: Pick<Dependencies, 'store'>, queue: string) {
    this.#deps = deps;
    this.#queue = queue;
  }

  async add(loaders: Loaders, files: readonly UnmatchedFile[], signal: AbortSignal): Promise<void> {
    this.#loaders = loaders;
    this.#files = [...this.#files, ...files].slice(-UNMATCHED_LISTED);
    if (performance.now() - this.#writtenMs >= WRITE_EVERY_MS) await this.write(signal);
  }

  async write(signal: AbortSignal): Promise<void> {
    const staging = unmatchedStaging(this.#loaders, this.#queue);
    const files = this.#files;
    if (files.length === 0 || staging === undefined) return;
    this.#files = [];
    this.#writtenMs = performance.now();
    try {
      const key = unmatchedKey(staging.prefix, this.#queue);
      await listUnmatched(unmatchedFiles(this.#deps.store(staging.bucket), key), [...files], signal);
    } catch (error) {
      log.info('files that no loader matches could not be listed', {
        queue: this.#queue,
        error: String(error),
      });
    }
  }
}
