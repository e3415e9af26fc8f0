import { log } from '@temporalio/activity';
import type { ReceivedMessage } from '../../clients/message-queue.ts';
import {
  RECEIVING,
  type ReceiveFilesInput,
  type ReceiveFilesResult,
  type WatchProblem,
} from '../../contract/loader/watch.ts';
import { inboxId } from '../../pipeline/loader/inbox-pages.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countWatched } from '../runtime/metrics.ts';
import { finishingAfter } from './finishing-after.ts';
import { gatherMessages } from './gather-messages.ts';
import { HeldMessages } from './held-messages.ts';
import { hintWaiting } from './hint-waiting.ts';
import type { Hints } from './hints.ts';
import { moveToInboxes } from './move-to-inboxes.ts';
import { QueueLoaders } from './queue-loaders.ts';
import { QueueWatch } from './queue-watch.ts';
import { UnmatchedExamples } from './unmatched-examples.ts';
import { watchProblem } from './watch-problem.ts';

/** SQS's longest poll. */
const POLL_SECONDS = 20;
/** Messages of one round: with the rounds that are being written, what a watcher holds in memory. */
const ROUND_MESSAGES = 4_000;
/** Rounds that are written while the next one is received. */
const WRITING_AT_ONCE = 2;

/**
 * Receives messages and moves the files that they announce into inboxes, round by round, and returns after some minutes,
 * so that the workflow's history stays small. When the worker stops or the watcher is cancelled, it receives no more,
 * writes what it holds, and returns. What it cannot write, or a dying worker holds, is delivered again.
 */
export async function receiveFiles(
  deps: Dependencies,
  hints: Hints,
  input: ReceiveFilesInput,
): Promise<ReceiveFilesResult> {
  const held = new HeldMessages(deps.queue(input.queue));
  const counts = { messages: 0, files: 0, unmatched: 0, poison: 0 };
  return await whileHeartbeating(
    () => `receiving: ${counts.messages} messages and ${counts.files} files so far, ${held.size} held`,
    (signal) => {
      const stop = deps.stopping === undefined ? signal : AbortSignal.any([signal, deps.stopping]);
      return finishingAfter(stop, (finish) =>
        held.during(() =>
          hints.during(stop, () => receiveRounds({ deps, hints, held, counts, stop, finish }, input)),
        ),
      );
    },
  );
}

interface Receiving {
  readonly deps: Dependencies;
  readonly hints: Hints;
  readonly held: HeldMessages;
  readonly counts: { messages: number; files: number; unmatched: number; poison: number };
  /** Ends the receiving. */
  readonly stop: AbortSignal;
  /** Ends the writing: some seconds later. */
  readonly finish: AbortSignal;
}

async function receiveRounds(
  { deps, hints, held, counts, stop, finish }: Receiving,
  { queue: url, reportSeconds, mostSeconds }: ReceiveFilesInput,
): Promise<ReceiveFilesResult> {
  const queue = deps.queue(url);
  const loaders = new QueueLoaders(deps, url);
  const watch = new QueueWatch(queue, () => deps.nowMs());
  const unmatched = new UnmatchedExamples(deps, url);
  const problems = new Map<string, WatchProblem>();
  const writing = new Set<Promise<void>>();
  const beganMs = performance.now();
  let failure: { readonly error: unknown } | undefined;

  /** How long to wait for messages; 0 if it is time to return. */
  const waitSeconds = () => {
    const seconds = (performance.now() - beganMs) / 1000;
    const limit = counts.messages > 0 ? reportSeconds : mostSeconds;
    return Math.max(0, Math.min(POLL_SECONDS, Math.ceil(limit - seconds)));
  };
  const move = async (messages: readonly ReceivedMessage[]) => {
    const { all } = loaders;
    const context = { deps, held, hints, loaders: all, signal: finish };
    const moved = await moveToInboxes({ ...context, hasDeadLetterQueue }, messages);
    const added = { ...moved, unmatched: moved.unmatched.length };
    for (const name of ['messages', 'files', 'unmatched', 'poison'] as const) counts[name] += added[name];
    countWatched(url, added);
    for (const { page, error } of moved.failures)
      problems.set(inboxId(page.to), watchProblem(page.page.files[0]!.loader, error, deps.nowMs()));
    if (moved.allFailed) throw moved.failures[0]!.error;
    ActivityRecord.current().advance();
    await unmatched.add(all, moved.unmatched, finish);
  };

  await loaders.reread();
  const hasDeadLetterQueue = await hasRedrive(deps, url, stop);
  await hintWaiting(deps, hints, loaders.ofQueue, stop);
  for (let round = 0; waitSeconds() > 0 && !stop.aborted && failure === undefined; round++) {
    await loaders.reread();
    if (loaders.ofQueue.length === 0) break;
    // The first round is small: after a failure that continues, few messages have been received in vain.
    const most = round === 0 ? 1 : ROUND_MESSAGES;
    const messages = await gatherMessages(queue, { waitSeconds: waitSeconds(), most, signal: stop });
    await watch.look(stop);
    if (messages.length === 0) continue;
    held.hold(messages);
    watch.received(messages);
    const moving = move(messages)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => writing.delete(moving));
    writing.add(moving);
    if (round === 0 || writing.size >= WRITING_AT_ONCE) await Promise.race(writing);
  }
  await Promise.all(writing);
  await unmatched.write(finish);
  if (failure !== undefined) {
    // What was done before counts all the same.
    if (counts.messages === 0) throw failure.error;
    problems.set('', watchProblem(RECEIVING, failure.error, deps.nowMs()));
  }
  const seen = await watch.look(finish, true);
  return {
    ...counts,
    loaders: loaders.ofQueue.map(({ name }) => name),
    ...(seen === undefined ? {} : { queue: seen }),
    problems: [...problems.values()],
  };
}

/** If it cannot be read, there is one: the worker may lack the permission, and a queue should have one. */
async function hasRedrive(deps: Dependencies, url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await deps.queue(url).redrive({ signal })) !== undefined;
  } catch (error) {
    log.info('whether the queue has a dead-letter queue is unknown', { queue: url, error: String(error) });
    return true;
  }
}
