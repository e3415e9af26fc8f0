import { Terminal } from '../../clients/errors.ts';
import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { batchState, markedOpen } from '../../store/loader/batch-files.ts';
import { type OpenBatch, readBatch } from './open-batch.ts';

const NAMED = 10;

/**
 * A replacement is a barrier: it is loaded only once every earlier batch is closed, except those that it supersedes.
 * Otherwise their retry would bring old rows back. Parts of an earlier batch that was split count as earlier.
 * @throws Terminal `EarlierFilesWait`
 */
export async function refuseEarlierOpen(open: OpenBatch): Promise<void> {
  const { batch, replace, supersedes = [] } = open.batch;
  if (replace === undefined) return;
  const superseded = new Set(supersedes);
  const earlier: number[] = [];
  for (const number of await markedOpen(open, open.signal)) {
    if (number === batch || superseded.has(number)) continue;
    const state = await batchState(open, number, open.signal);
    if (state.state !== 'open' && state.state !== 'parked') continue;
    if (number < batch || (await rootOf(open, state.batch)) < batch) earlier.push(number);
  }
  if (earlier.length === 0) return;
  const isOne = earlier.length === 1;
  throw new Terminal(
    'EarlierFilesWait',
    `Batch ${batch} replaces rows, and ${isOne ? 'batch' : 'batches'} ${earlier.slice(0, NAMED).join(', ')} before it ` +
      `${isOne ? 'is' : 'are'} not loaded, and would bring old rows back later. Nothing was replaced. Retry or skip ` +
      `${isOne ? 'it' : 'them'}, then retry batch ${batch}.`,
  );
}

/** The batch that a part was first split from, over any number of splits. */
async function rootOf(open: OpenBatch, batch: Batch): Promise<number> {
  let root = batch;
  while (root.splitFrom !== undefined) root = await readBatch(open, root.splitFrom);
  return root.batch;
}
