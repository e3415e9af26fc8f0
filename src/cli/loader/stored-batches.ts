import { batchesDirectory } from '../../pipeline/loader/loader-directory.ts';
import type { Batch, BatchClosed, BatchFailure } from '../../pipeline/loader/loader-documents.ts';
import { findDocument } from '../../store/document.ts';
import {
  batchClosedDocument,
  batchDocument,
  batchFailureDocument,
  type LoaderFiles,
  markedOpen,
} from '../../store/loader/batch-files.ts';

/** A batch as its documents in S3 have it. */
export interface StoredBatch {
  readonly number: number;
  /** `open`: it waits to be loaded, or is being loaded. */
  readonly state: 'open' | 'parked' | 'loaded' | 'skipped' | 'split' | 'superseded';
  readonly batch: Batch;
  /** Why it is parked, or was before it was loaded. */
  readonly failure?: BatchFailure;
  readonly closed?: BatchClosed;
}

const READ_AT_ONCE = 16;

/** The numbers of all batches, the newest first. */
export async function batchNumbers({ store, at }: LoaderFiles, signal: AbortSignal): Promise<number[]> {
  const directory = batchesDirectory(at);
  const numbers: number[] = [];
  for await (const { key } of store.list(directory, { delimiter: '/', signal })) {
    const name = key.slice(directory.length).replace(/\/$/, '');
    if (/^\d+$/.test(name)) numbers.push(Number(name));
  }
  return numbers.sort((a, b) => b - a);
}

/** The batches of these numbers, in this order, for as long as the caller takes more. What was never written is left out. */
export async function* readBatches(
  files: LoaderFiles,
  numbers: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<StoredBatch> {
  for (let from = 0; from < numbers.length; from += READ_AT_ONCE) {
    const some = numbers.slice(from, from + READ_AT_ONCE);
    const read = await Promise.all(some.map((number) => readBatch(files, number, signal)));
    for (const batch of read) if (batch !== undefined) yield batch;
  }
}

/** Batches that are not closed, in order. */
export async function openBatches(files: LoaderFiles, signal: AbortSignal): Promise<StoredBatch[]> {
  const open: StoredBatch[] = [];
  for await (const batch of readBatches(files, await markedOpen(files, signal), signal)) {
    if (batch.closed === undefined) open.push(batch);
  }
  return open;
}

/** @returns undefined if there is no such batch */
export async function readBatch(
  files: LoaderFiles,
  number: number,
  signal: AbortSignal,
): Promise<StoredBatch | undefined> {
  const [batch, failure, closed] = await Promise.all([
    findDocument(batchDocument(files, number), signal),
    findDocument(batchFailureDocument(files, number), signal),
    findDocument(batchClosedDocument(files, number), signal),
  ]);
  if (batch === undefined) return undefined;
  const state = closed?.outcome ?? (failure === undefined ? 'open' : 'parked');
  return {
    ...{ number, state, batch },
    ...(failure === undefined ? {} : { failure }),
    ...(closed === undefined ? {} : { closed }),
  };
}
