import type { ObjectStore } from '../../clients/object-store.ts';
import {
  batchClosedKey,
  batchesDirectory,
  batchFailureKey,
  batchKey,
  type LoaderLocation,
  openDirectory,
  openKey,
} from '../../pipeline/loader/loader-directory.ts';
import { Batch, BatchClosed, BatchFailure } from '../../pipeline/loader/loader-documents.ts';
import { claim } from '../claim.ts';
import { type Document, findDocument } from '../document.ts';

/** The documents of a loader's batches, and which batches are open. */

/** A loader's directory: of one table, in one bucket. */
export interface LoaderFiles {
  readonly store: ObjectStore;
  readonly at: LoaderLocation;
}

const remedy = 'Restore it from an earlier version of the object, or skip the batch.';

export const batchDocument = ({ store, at }: LoaderFiles, batch: number): Document<Batch> => ({
  store,
  key: batchKey(at, batch),
  schema: Batch,
  remedy,
});

export const batchClosedDocument = ({ store, at }: LoaderFiles, batch: number): Document<BatchClosed> => ({
  store,
  key: batchClosedKey(at, batch),
  schema: BatchClosed,
  remedy: 'Delete it: what the batch loaded is in the ledger.',
});

export const batchFailureDocument = ({ store, at }: LoaderFiles, batch: number): Document<BatchFailure> => ({
  store,
  key: batchFailureKey(at, batch),
  schema: BatchFailure,
  remedy: 'Delete it: the batch is then loaded again.',
});

/**
 * The number of the newest batch; 0 if there is none. Numbers have no gaps at their end, because a batch gets the number
 * after the newest one.
 * @param from a batch that is known to exist, so that only later ones are looked for; 0 if none is known
 */
export async function newestBatch(
  { store, at }: LoaderFiles,
  from: number,
  signal: AbortSignal,
): Promise<number> {
  let newest = from;
  if (from === 0) {
    const directory = batchesDirectory(at);
    for await (const { key } of store.list(directory, { delimiter: '/', signal })) {
      const batch = numberIn(key.slice(directory.length));
      if (batch !== undefined) newest = Math.max(newest, batch);
    }
  }
  while ((await store.head(batchKey(at, newest + 1), { signal })) !== undefined) newest++;
  return newest;
}

/**
 * The batches that are marked as open, in order. A batch is marked before it is written, and its mark is removed only after
 * it was closed: so every open batch is listed, together with some that are closed or were never written.
 */
export async function markedOpen({ store, at }: LoaderFiles, signal: AbortSignal): Promise<number[]> {
  const directory = openDirectory(at);
  const marked: number[] = [];
  for await (const { key } of store.list(directory, { signal })) {
    const batch = numberIn(key.slice(directory.length));
    if (batch !== undefined) marked.push(batch);
  }
  return marked.sort((a, b) => a - b);
}

/**
 * Writes a batch under a number of its own, marked as open.
 * @returns whether this batch has the number now. If not, another one has it
 */
export async function claimBatch(files: LoaderFiles, batch: Batch, signal: AbortSignal): Promise<boolean> {
  await files.store.put(openKey(files.at, batch.batch), '', { signal });
  // Of two planners that write the very same batch, both may count as its writer.
  const { won } = await claim(batchDocument(files, batch.batch), batch, isSame(batch), signal);
  return won;
}

const isSame = (mine: Batch) => (found: Batch) => JSON.stringify(Batch.parse(mine)) === JSON.stringify(found);

/** What is known of a batch from its documents. */
export type BatchState =
  /** It was never written, or its directory was deleted. */
  | { readonly state: 'absent' }
  | { readonly state: 'open'; readonly batch: Batch }
  | { readonly state: 'parked'; readonly batch: Batch; readonly failure: BatchFailure }
  | { readonly state: 'closed'; readonly closed: BatchClosed };

export async function batchState(
  files: LoaderFiles,
  number: number,
  signal: AbortSignal,
): Promise<BatchState> {
  const closed = await findDocument(batchClosedDocument(files, number), signal);
  if (closed !== undefined) return { state: 'closed', closed };
  const batch = await findDocument(batchDocument(files, number), signal);
  if (batch === undefined) return { state: 'absent' };
  const failure = await findDocument(batchFailureDocument(files, number), signal);
  return failure === undefined ? { state: 'open', batch } : { state: 'parked', batch, failure };
}

/** Removes the mark of a batch that is closed. */
export async function unmark({ store, at }: LoaderFiles, batches: readonly number[], signal: AbortSignal) {
  const keys = batches.map((batch) => openKey(at, batch));
  if (keys.length > 0) await store.delete(keys, { signal });
}

/** @param name the last part of a key: a number, perhaps with a slash */
function numberIn(name: string): number | undefined {
  return /^\d+\/?$/.test(name) ? Number.parseInt(name, 10) : undefined;
}
