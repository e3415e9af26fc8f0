import { setTimeout as pause } from 'node:timers/promises';
import type { FollowLoadInput, FollowLoadResult, ParkedLoadBatch } from '../../contract/loader/bulk-load.ts';
import { type LoaderTotals, NOTHING_LOADED, withBatch } from '../../contract/loader/loader.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { batchState, type LoaderFiles } from '../../store/loader/batch-files.ts';
import { batchesOfLoad, pagesOfLoad } from '../../store/loader/load-batches.ts';
import { loadedTable } from '../loader/loader-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

const LOOK_EVERY_MS = 1000;
const MOST_LOOKS = 60;
const MOST_ERROR_CHARACTERS = 1000;

/** Looks at the load's batches and pages until something has changed since the last look, or for a minute. */
export async function followLoad(deps: Dependencies, input: FollowLoadInput): Promise<FollowLoadResult> {
  const { name, loader } = input.load;
  return whileHeartbeating(
    () => `waiting for the batches of load ${name}`,
    async (signal) => {
      const { files } = await loadedTable(deps, loader);
      await pause(input.waitSeconds * 1000, undefined, { signal });
      for (let looks = 1; ; looks++) {
        const result = await look(files, input, signal);
        if (result.seen !== input.seen || looks === MOST_LOOKS) return result;
        await pause(LOOK_EVERY_MS, undefined, { signal });
      }
    },
  );
}

async function look(
  files: LoaderFiles,
  { load, scanned, open: known, others: knownOthers }: FollowLoadInput,
  signal: AbortSignal,
): Promise<FollowLoadResult> {
  // Pages first: a page is deleted only once its files are in batches.
  const pagesWaiting = (await pagesOfLoad(files, load.name, signal)).length;
  const { newest, batches } = await batchesOfLoad(files, load.name, scanned, signal);
  const open: number[] = [];
  const others: number[] = [];
  const parked: ParkedLoadBatch[] = [];
  const leftOut: number[] = [];
  let loaded: LoaderTotals = NOTHING_LOADED;
  const numbers = new Set([...known, ...batches.map(({ batch }) => batch)]);
  for (const number of new Set([...numbers, ...knownOthers])) {
    const isOwn = numbers.has(number);
    const state = await batchState(files, number, signal);
    if (state.state === 'closed') {
      if (isOwn && state.closed.outcome === 'loaded') {
        loaded = withBatch(loaded, state.closed);
      } else if (state.closed.outcome === 'split') {
        // The parts of an own batch are own batches, and are found by their numbers.
        if (!isOwn) for (const part of state.closed.into) others.push(part);
      } else if (state.closed.outcome !== 'loaded') leftOut.push(number);
      continue;
    }
    if (state.state === 'absent') {
      leftOut.push(number);
      continue;
    }
    (isOwn ? open : others).push(number);
    if (state.state === 'parked') {
      const { code, message } = state.failure;
      parked.push({ batch: number, code, error: cut(message, MOST_ERROR_CHARACTERS) });
    }
  }
  const seen = JSON.stringify([pagesWaiting, open, others, parked.map(({ batch, error }) => [batch, error])]);
  return { scanned: newest, open, others, parked, pagesWaiting, loaded, leftOut, seen };
}
