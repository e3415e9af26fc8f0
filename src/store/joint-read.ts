import type { ObjectStore } from '../clients/object-store.ts';
import { type Document, findDocument } from './document.ts';

/** The reads under way, by store and key. */
const underWay = new WeakMap<ObjectStore, Map<string, Promise<unknown>>>();

/**
 * Finds a document that never changes once it is written. All who ask for it while it is read get the same value: a
 * manifest of many files takes ten times its size while it is parsed, and many tables begin to load at once. If a caller
 * aborts, the read continues, because others may wait for it.
 * @throws like `findDocument`, and the signal's reason
 */
export async function findUnchanging<T>(at: Document<T>, signal?: AbortSignal): Promise<T | undefined> {
  signal?.throwIfAborted();
  return unlessAborted(joinedRead(at), signal);
}

function joinedRead<T>(at: Document<T>): Promise<T | undefined> {
  const reads = underWay.get(at.store) ?? new Map<string, Promise<unknown>>();
  underWay.set(at.store, reads);
  // The documents of one key all have one schema.
  const joined = reads.get(at.key) as Promise<T | undefined> | undefined;
  if (joined !== undefined) return joined;
  const read = findDocument(at);
  reads.set(at.key, read);
  const done = () => reads.delete(at.key);
  read.then(done, done);
  return read;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
