import type { BatchInfo, LoaderProgress, ParkedBatch } from '../../contract/loader/loader.ts';
import type { Batch, LoaderPause } from '../../pipeline/loader/loader-documents.ts';
import { bytesOf } from '../../pipeline/loader/source-file.ts';
import { batchState, type LoaderFiles, markedOpen } from '../../store/loader/batch-files.ts';
import { listInbox, readPages } from '../../store/loader/inbox.ts';
import { findPause } from '../../store/loader/pause-file.ts';

/** What S3 has of a loader, whether it runs or not. The locked row in the warehouse is never read: it would wait for the batch. */
export interface StoredLoader {
  readonly waiting: StoredInbox;
  /** Batches that are written and neither loaded nor parked, in order. */
  readonly open: readonly StoredBatchInfo[];
  /** The oldest first. */
  readonly parked: readonly StoredParked[];
  /** There are more open and parked batches than were read. */
  readonly more: number;
  /** It is paused, and still is when it is started again. */
  readonly paused?: Pick<LoaderPause, 'reason' | 'at'>;
}

/** As a loader shows it. `at` is absent if it was counted just now. */
export type StoredInbox = LoaderProgress['inbox'];

type StoredBatchInfo = Omit<BatchInfo, 'reason'>;
type StoredParked = Omit<ParkedBatch, 'reason' | 'workflowId'>;

/** Pages hold up to 1,000 files each. */
const PAGES_READ = 48;
/** A loader pauses itself long before so many batches are parked. */
const BATCHES_READ = 100;

export async function storedLoader(files: LoaderFiles, signal: AbortSignal): Promise<StoredLoader> {
  const [waiting, marked, paused] = await Promise.all([
    storedInbox(files, signal),
    markedOpen(files, signal),
    findPause(files, signal),
  ]);
  const states = await Promise.all(
    marked.slice(0, BATCHES_READ).map((batch) => batchState(files, batch, signal)),
  );
  const open: StoredBatchInfo[] = [];
  const parked: StoredParked[] = [];
  for (const state of states) {
    if (state.state === 'open') open.push(infoOf(state.batch));
    if (state.state === 'parked') {
      const { code, message, at } = state.failure;
      parked.push({ ...infoOf(state.batch), code, error: message, at });
    }
  }
  return {
    ...{ waiting, open, parked, more: Math.max(0, marked.length - BATCHES_READ) },
    ...(paused === undefined ? {} : { paused }),
  };
}

async function storedInbox(files: LoaderFiles, signal: AbortSignal): Promise<StoredInbox> {
  const { pages, more } = await listInbox(files, signal);
  let count = 0;
  let bytes = 0;
  let readBytes = 0;
  let oldest: string | undefined;
  for await (const some of readPages(files, pages.slice(0, PAGES_READ), signal)) {
    for (const page of some) {
      readBytes += page.bytes;
      count += page.files.length;
      for (const file of page.files) {
        bytes += file.bytes;
        if (oldest === undefined || file.at < oldest) oldest = file.at;
      }
    }
  }
  const isAll = pages.length <= PAGES_READ || readBytes === 0;
  const factor = isAll ? 1 : pages.reduce((sum, page) => sum + page.bytes, 0) / readBytes;
  return {
    files: Math.round(count * factor),
    bytes: Math.round(bytes * factor),
    ...(oldest === undefined ? {} : { oldest }),
    ...(isAll ? {} : { estimated: true as const }),
    ...(more ? { more: true as const } : {}),
  };
}

const infoOf = ({ batch, files }: Batch): StoredBatchInfo => ({
  batch,
  files: files.length,
  bytes: bytesOf(files),
});
