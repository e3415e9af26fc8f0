import { TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { WatchFilesInput } from '../../contract/loader/loader.ts';
import {
  LISTING,
  RECEIVING,
  type WatchActivities,
  type WatchControlActivities,
  type WatchProgress,
  type WatchResult,
} from '../../contract/loader/watch.ts';
import { watchDetails, watchLine } from '../../contract/loader/watch-details.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { WatchState } from './watch-state.ts';

const { openWatch } = proxyActivities<WatchControlActivities>(profiles.short);
const { receiveFiles, listFiles } = proxyActivities<WatchActivities>(profiles.watchFiles);

const progressQuery = defineQuery<WatchProgress>(QUERY_PROGRESS);

/** How long to wait after a failure that Temporal does not retry: an operator may have fixed it meanwhile. */
const WAIT_SECONDS = { first: 5, most: 300 };
/** What is received is reported within seconds at first, then less and less often, because each report adds to the history. */
const REPORT_SECONDS = { first: 2, most: 60 };
/** How long receiving lasts without a message. */
const QUIET_SECONDS = 600;
/** How often to look whether a loader uses what is watched, if none did. */
const UNUSED_SECONDS = 60;

/**
 * Watches one queue or one prefix for all loaders that use it, and moves the files it hears of into their inboxes in S3.
 * It never fails once it has begun: what cannot be received or listed is tried again.
 *
 * 1. open: find what the loader needs watched.
 * 2. receive: long-poll the queue, if there is one, in activities of some minutes each.
 * 3. list: find files that no event announced, at the same time.
 *
 * It continues as new whenever Temporal suggests it, and ends once no loader uses what it watches.
 */
export async function watchFiles(input: WatchFilesInput): Promise<WatchResult> {
  refuseUnknownInput(input, { loader: true, carried: true });
  return explainingFailure(
    () => `Failed: watching for loader ${input.loader}`,
    () => undefined,
    () => watch(input),
  );
}

async function watch({ loader, carried }: WatchFilesInput): Promise<WatchResult> {
  // 1
  const opened =
    carried === undefined ? await openWatch({ loader }) : { watched: carried.watched, loaders: [] };
  const { watched } = opened;
  const startedAt = carried?.startedAt ?? workflowInfo().startTime.toISOString();
  const state = new WatchState(watched, opened.loaders, startedAt, carried?.totals);
  setHandler(progressQuery, () => state.progress(), {
    description: 'What is watched, for which loaders, and what was found',
  });
  let line = '';
  const show = () => {
    const progress = state.progress();
    showDetails(watchDetails(progress));
    if (watchLine(progress) !== line) {
      line = watchLine(progress);
      upsertMemo({ tributary: line });
    }
  };
  show();

  // 2
  const receive = async (queue: string) => {
    let reportSeconds = REPORT_SECONDS.first;
    await repeat('receive', async () => {
      const found = await receiveFiles({ queue, reportSeconds, mostSeconds: QUIET_SECONDS });
      state.received(found, Date.now());
      reportSeconds =
        found.messages === 0 ? REPORT_SECONDS.first : Math.min(2 * reportSeconds, REPORT_SECONDS.most);
      if (found.loaders.length === 0) return UNUSED_SECONDS;
      return found.problems.some(({ of }) => of === RECEIVING) ? WAIT_SECONDS.first : 0;
    });
  };
  // 3
  const list = () =>
    repeat('list', async () => {
      const found = await listFiles({ watched, startedAt });
      state.listed(found, Date.now());
      return found.loaders.length === 0 ? UNUSED_SECONDS : found.nextSeconds;
    });

  /** Repeats a step until the watcher ends or is to continue as new. The step says after how many seconds. */
  async function repeat(part: 'receive' | 'list', step: () => Promise<number>): Promise<void> {
    let failures = 0;
    const isOver = () => state.ended !== undefined || workflowInfo().continueAsNewSuggested;
    while (!isOver()) {
      let seconds: number;
      try {
        seconds = await step();
        failures = 0;
      } catch (error) {
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        const { type, message } = rootCause(error);
        const at = new Date(Date.now()).toISOString();
        state.failed(part, { of: part === 'receive' ? RECEIVING : LISTING, code: type, error: message, at });
        seconds = Math.min(WAIT_SECONDS.first * 2 ** failures++, WAIT_SECONDS.most);
      }
      // The activity ends in order when it is cancelled, and so does not fail.
      if (CancellationScope.current().consideredCancelled)
        throw new CancelledFailure('The watcher was cancelled');
      show();
      if (seconds > 0) await condition(isOver, seconds * 1000);
    }
  }

  const parts = 'queue' in watched ? [receive(watched.queue), list()] : [list()];
  // Both have ended when the watcher ends, so that nothing continues unseen.
  await Promise.allSettled(parts);
  await Promise.all(parts);
  const { totals, ended } = state;
  if (ended === undefined)
    return continueAsNew<typeof watchFiles>({ loader, carried: { watched, totals, startedAt } });
  show();
  return { watched, totals, ended };
}
