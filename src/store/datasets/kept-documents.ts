import type { ListedObject } from '../../clients/object-store.ts';
import { type Document, findDocument } from '../document.ts';

/** Of the documents in S3, which take a few times as much in memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** By bucket, key and ETag; those that were needed last are last. */
const kept = new Map<string, { readonly value: unknown; readonly bytes: number }>();
let keptBytes = 0;

/**
 * A document that does not change once it is written. It is kept in memory: every partition that a worker builds needs the plans and the
 * results of all open intakes.
 * @param listed as a listing shows it
 * @returns undefined if it is not there any more
 */
export async function findKept<T>(
  document: Document<T>,
  { etag, bytes }: Pick<ListedObject, 'etag' | 'bytes'>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const name = `${document.store.bucket}/${document.key} ${etag}`;
  const known = kept.get(name);
  if (known !== undefined) {
    kept.delete(name);
    kept.set(name, known);
    return known.value as T;
  }
  const value = await findDocument(document, signal);
  if (value !== undefined && etag !== undefined && bytes <= MOST_BYTES) keep(name, value, bytes);
  return value;
}

function keep(name: string, value: unknown, bytes: number): void {
  keptBytes += bytes - (kept.get(name)?.bytes ?? 0);
  kept.set(name, { value, bytes });
  for (const [oldest, { bytes: own }] of kept) {
    if (keptBytes <= MOST_BYTES) return;
    kept.delete(oldest);
    keptBytes -= own;
  }
}
