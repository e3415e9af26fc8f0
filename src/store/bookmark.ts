import { isDeepStrictEqual } from 'node:util';
import { type Document, findVersion, JSON_FILE, putVersion } from './document.ts';

/** A document that changes, and the place where each of its revisions is kept, if they are. */
export interface Bookmark<T> extends Document<T> {
  /**
   * The key that keeps this revision. A change that does not change the key is not a new revision. Absent: no revision
   * is kept.
   */
  readonly revisionKey?: (value: T) => string;
}

/**
 * Changes a document: reads it, changes it, and puts it back only if it is still the one that was read; otherwise
 * starts again. So if two processes amend a document at once, both changes take effect, one after the other.
 *
 * Every revision is kept under a separate key. If a process dies before it keeps its revision, the next amendment
 * does so.
 * @param change may run several times, also on its own result if the response to the put was lost: the same change
 *   again must change nothing. If it returns undefined or what it was given, nothing is written.
 * @returns the last result of `change`
 */
export async function amend<T, Next extends T | undefined>(
  at: Bookmark<T>,
  change: (before: T | undefined) => Next | Promise<Next>,
  signal?: AbortSignal,
): Promise<Next> {
  for (let isRetry = false; ; isRetry = true) {
    const current = await findVersion(at, signal);
    const next = await change(current?.value);
    if (next === undefined) return next;
    const isRevision = current === undefined || at.revisionKey?.(current.value) !== at.revisionKey?.(next);
    if (isDeepStrictEqual(next, current?.value)) {
      // The document may be this caller's own: its put succeeded, but the response was lost.
      if (isRetry) await keep(at, next, signal);
      return next;
    }
    if (isRevision && current !== undefined) await keep(at, current.value, signal);
    if (!(await putVersion(at, next, current?.etag, signal))) continue;
    if (isRevision) await keep(at, next, signal);
    return next;
  }
}

async function keep<T>(at: Bookmark<T>, value: T, signal: AbortSignal | undefined): Promise<void> {
  if (at.revisionKey === undefined) return;
  await at.store.putNew(at.revisionKey(value), JSON.stringify(value), { signal, ...JSON_FILE });
}
