import type { ObjectStore } from '../../clients/object-store.ts';
import type { PageToWrite } from '../../pipeline/loader/inbox-pages.ts';
import { JSON_FILE } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';

/** Pages that are written at once. */
const AT_ONCE = 8;

export interface PageFailure {
  readonly page: PageToWrite;
  readonly error: unknown;
}

/**
 * Puts pages into inboxes, each only if it is not there: an attempt that died, or a response that was lost, may have
 * left it. A page that cannot be written does not keep the others from being written.
 * @param written called for each page once it is in S3
 * @returns the pages that could not be written
 */
export async function writePages(
  store: (bucket: string) => ObjectStore,
  pages: readonly PageToWrite[],
  written: (page: PageToWrite) => void,
  signal: AbortSignal,
): Promise<PageFailure[]> {
  const failures: PageFailure[] = [];
  await forEachLimited(
    pages,
    AT_ONCE,
    async (page) => {
      try {
        await store(page.to.bucket).putNew(page.key, JSON.stringify(page.page), { signal, ...JSON_FILE });
        written(page);
      } catch (error) {
        if (signal.aborted) throw error;
        failures.push({ page, error });
      }
    },
    signal,
  );
  return failures;
}
