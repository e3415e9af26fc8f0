import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import type {
  BulkLoadActivities,
  Earlier,
  EarlierInput,
  OpenedLoad,
} from '../../contract/loader/bulk-load.ts';
import { addressOf, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { batchState, type LoaderFiles, markedOpen } from '../../store/loader/batch-files.ts';
import { takeBatch } from '../../store/loader/take-batch.ts';
import { loadedTable } from '../loader/loader-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import {
  inFolder,
  openBatches,
  replacementFiles,
  type Unloaded,
  waitingInFolder,
} from './replacement-files.ts';

const NAMED = 5;

/**
 * Finds what a replacement comes after. Earlier batches would bring the old rows back if they were loaded later, so while
 * one is parked, or files of the same folder wait, the operator must say what is to become of them. `after`: makes batches
 * of everything that waits, to be loaded first.
 * @throws Terminal `EarlierFilesWait` if the operator has not said it
 */
export async function findEarlier(
  deps: Dependencies,
  { load, place, supersede }: EarlierInput,
): Promise<Earlier> {
  return whileHeartbeating(
    () => 'looking for earlier batches',
    async (signal) => {
      const { files, limits } = await loadedTable(deps, load.loader);
      if (place === 'before') return { place, batches: [], parked: [], failedAt: {} };
      const open = await openBatches(files, signal);
      const parked = open.filter(({ failure }) => failure !== undefined);
      if (place === undefined) {
        const { found } = await replacementFiles(deps, load, signal);
        const waiting = await waitingInFolder(files, load, found, signal);
        if (parked.length > 0 || waiting.length > 0) throw asking(load, parked, waiting, found);
      }
      const nowMs = Context.current().info.currentAttemptScheduledTimestampMs;
      await takeAll(files, { ...limits, maxSeconds: 0 }, nowMs, signal);
      const batches = await markedOpen(files, signal);
      const left = new Set(supersede);
      return {
        place: 'after',
        batches: batches.filter((batch) => !left.has(batch)),
        parked: parked.map(({ batch }) => batch.batch).filter((batch) => !left.has(batch)),
        failedAt: Object.fromEntries(parked.map(({ batch, failure }) => [batch.batch, failure?.at ?? ''])),
      };
    },
  );
}

/** Makes batches of all files that wait since before now. The loader finds them as batches that it does not know. */
async function takeAll(
  files: LoaderFiles,
  limits: Parameters<typeof takeBatch>[1]['limits'],
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  let newest = 0;
  let tidied = 0;
  for (;;) {
    const open = await markedOpen(files, signal);
    const look = await takeBatch(
      files,
      { known: { open, newest, tidied }, limits, now: () => nowMs, take: true },
      signal,
    );
    ({ newest, tidied } = look);
    if (look.found.length > 0) continue;
    if (look.taken === undefined) return;
  }
}

function asking(
  { replace, from }: OpenedLoad,
  parked: readonly Unloaded[],
  waiting: readonly SourceFile[],
  found: readonly SourceFile[],
): Terminal {
  const batches = parked.slice(0, NAMED).map(({ batch, failure }) => {
    const same = batch.files.filter((file) => inFolder(found, file, from)).length;
    const of = same === 0 ? '' : `, ${same} of them in the same folder`;
    return `batch ${batch.batch} (${counted(batch.files.length, 'file')}${of}: ${firstSentences(onOneLine(failure?.message ?? ''), 120)})`;
  });
  const more = parked.length > NAMED ? ` and ${parked.length - NAMED} more` : '';
  const files = waiting.slice(0, NAMED).map(addressOf);
  return new Terminal(
    'EarlierFilesWait',
    `Nothing was replaced where ${replace}, because earlier files are not loaded, and would bring old rows back later. ` +
      (batches.length === 0 ? '' : `Parked: ${batches.join(', ')}${more}. `) +
      (files.length === 0
        ? ''
        : `Waiting in the same folder: ${counted(waiting.length, 'file')}, such as ${files.join(', ')}. `) +
      'Say what is to become of them: --after loads them first (parked batches are retried), --before supersedes those of ' +
      'the same folder, so that they are never loaded. --supersede names other parked batches to supersede.',
  );
}

const LOOK_EVERY_MS = 1000;
const MOST_LOOKS = 60;

/**
 * Waits up to a minute for batches to be closed.
 * @returns those that are not
 * @throws Terminal `EarlierFilesWait` if all of them are parked
 */
export async function waitForEarlier(
  deps: Dependencies,
  { load, batches, failedAt }: Parameters<BulkLoadActivities['waitForEarlier']>[0],
): Promise<readonly number[]> {
  return whileHeartbeating(
    () => `waiting for ${counted(batches.length, 'earlier batch', 'earlier batches')}`,
    async (signal) => {
      const { files } = await loadedTable(deps, load.loader);
      let left = [...batches];
      for (let looks = 1; ; looks++) {
        const states = await Promise.all(left.map((batch) => batchState(files, batch, signal)));
        left = left.flatMap((batch, i) => {
          const state = states[i]!;
          if (state.state === 'absent') return [];
          if (state.state !== 'closed') return [batch];
          return state.closed.outcome === 'split' ? [...state.closed.into] : [];
        });
        if (left.length === 0) return [];
        const parked = states.flatMap((state) =>
          state.state === 'parked' && state.failure.at !== failedAt[state.batch.batch] ? [state] : [],
        );
        if (parked.length === left.length) {
          const [first] = parked;
          throw new Terminal(
            'EarlierFilesWait',
            `Nothing was replaced: ${counted(parked.length, 'earlier batch is', 'earlier batches are')} parked again: ` +
              `${parked.map(({ batch }) => batch.batch).join(', ')}. Batch ${first?.batch.batch}: ` +
              `${firstSentences(onOneLine(first?.failure.message ?? ''), 300)} Fix and retry or skip them, or supersede those of ` +
              'the same folder with --before; then start this load again.',
          );
        }
        if (looks === MOST_LOOKS) return left;
        await pause(LOOK_EVERY_MS, undefined, { signal });
      }
    },
  );
}
