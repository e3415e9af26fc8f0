import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { findDocument } from '../document.ts';
import {
  batchDocument,
  batchState,
  claimBatch,
  type LoaderFiles,
  markedOpen,
  newestBatch,
} from './batch-files.ts';
import { closeBatch } from './close-batch.ts';
import { finishPages } from './inbox.ts';

export type SplitEnd =
  | { readonly kind: 'split'; readonly into: readonly Batch[] }
  | { readonly kind: 'closed before'; readonly outcome: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Makes two batches of one, each of half its files in their order, and closes it. Closing comes last: until then the batch
 * still has all its files, and its parts are found again by their marks. If the batch was closed otherwise in the meantime,
 * its parts are closed as superseded.
 */
export async function splitBatch(
  files: LoaderFiles,
  number: number,
  now: () => number,
  signal: AbortSignal,
): Promise<SplitEnd> {
  const found = await batchState(files, number, signal);
  if (found.state === 'absent') return { kind: 'refused', why: 'there is no such batch' };
  if (found.state === 'closed') {
    if (found.closed.outcome !== 'split') return { kind: 'closed before', outcome: found.closed.outcome };
    const into: Batch[] = [];
    for (const part of found.closed.into) {
      const state = await batchState(files, part, signal);
      if (state.state === 'open' || state.state === 'parked') into.push(state.batch);
    }
    return { kind: 'split', into };
  }
  const whole = found.batch;
  if (whole.replace !== undefined) {
    return { kind: 'refused', why: 'it replaces rows, and does so as a whole' };
  }
  if (whole.files.length < 2) return { kind: 'refused', why: 'it has a single file' };
  const middle = Math.ceil(whole.files.length / 2);
  const into: Batch[] = [];
  const earlier = await partsOf(files, number, signal);
  for (const part of [whole.files.slice(0, middle), whole.files.slice(middle)]) {
    const known = earlier.find((each) => JSON.stringify(each.files) === JSON.stringify(part));
    into.push(known ?? (await writePart(files, whole, part, now, signal)));
  }
  const numbers = into.map(({ batch }) => batch);
  const at = new Date(now()).toISOString();
  const closed = await closeBatch(files, number, { version: 1, outcome: 'split', at, into: numbers }, signal);
  if (closed.outcome === 'split') return { kind: 'split', into };
  for (const part of numbers) {
    await closeBatch(files, part, { version: 1, outcome: 'superseded', at, by: number }, signal);
  }
  return { kind: 'closed before', outcome: closed.outcome };
}

/** Parts that an attempt before this one has written. */
async function partsOf(files: LoaderFiles, whole: number, signal: AbortSignal): Promise<Batch[]> {
  const parts: Batch[] = [];
  for (const marked of await markedOpen(files, signal)) {
    if (marked <= whole) continue;
    const batch = await findDocument(batchDocument(files, marked), signal);
    if (batch?.splitFrom === whole) parts.push(batch);
  }
  return parts;
}

async function writePart(
  files: LoaderFiles,
  whole: Batch,
  part: Batch['files'],
  now: () => number,
  signal: AbortSignal,
): Promise<Batch> {
  for (let newest = whole.batch; ; ) {
    newest = await newestBatch(files, newest, signal);
    // As before every claim.
    const last = await findDocument(batchDocument(files, newest), signal);
    if (last !== undefined) await finishPages(files, last, signal);
    const batch: Batch = {
      version: 1,
      batch: newest + 1,
      createdAt: new Date(now()).toISOString(),
      reason: 'split',
      files: part,
      pages: [],
      splitFrom: whole.batch,
      ...(whole.load === undefined ? {} : { load: whole.load }),
    };
    if (await claimBatch(files, batch, signal)) return batch;
  }
}
