import type { ReceivedMessage } from '../../clients/message-queue.ts';
import { inboxPages } from '../../pipeline/loader/inbox-pages.ts';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { type PageFailure, writePages } from '../../store/loader/write-pages.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Hints } from './hints.ts';
import { readAnnouncements, type UnmatchedFile } from './read-announcements.ts';

interface MoveContext {
  readonly deps: Pick<Dependencies, 'store'>;
  readonly held: HeldMessages;
  readonly hints: Hints;
  readonly loaders: Loaders;
  /** Whether the queue has a dead-letter queue, as far as is known. */
  readonly hasDeadLetterQueue: boolean;
  readonly signal: AbortSignal;
}

export interface Moved {
  readonly messages: number;
  readonly files: number;
  readonly unmatched: readonly UnmatchedFile[];
  readonly poison: number;
  readonly failures: readonly PageFailure[];
  /** Whether all pages failed: something is wrong that concerns more than one table, or there is only one. */
  readonly allFailed: boolean;
}

/** With a dead-letter queue, poison is to get there soon; without one, it comes back for ever, so less and less often. */
const POISON_SECONDS = 2;
const LONELY_POISON_SECONDS = 60;
/** After the first failure to write a page; four times as long after each further one. */
const UNWRITTEN_SECONDS = 60;

/**
 * Moves the files that messages announce into the inboxes of their tables. A message is deleted once the pages of all
 * its files are written; if one cannot be, the message comes back later, each time after a longer wait, so that an
 * outage of hours does not use up the receives that the dead-letter queue allows.
 */
export async function moveToInboxes(
  { deps, held, hints, loaders, hasDeadLetterQueue, signal }: MoveContext,
  messages: readonly ReceivedMessage[],
): Promise<Moved> {
  const { arrivals, unmatched, poison } = await readAnnouncements(deps, messages, loaders, signal);
  const pages = inboxPages(arrivals);
  const failures = await writePages(
    deps.store,
    pages,
    ({ to, page }) => hints.want(to.table, page.files[0]!.loader),
    signal,
  );
  const unwritten = new Set(failures.flatMap(({ page }) => [...page.messages]));
  const poisonous = new Set(poison);
  const [kept, done] = [
    messages.filter((message) => unwritten.has(message.id)),
    messages.filter((message) => !unwritten.has(message.id) && !poisonous.has(message)),
  ];
  await Promise.all([
    held.delete(done, signal),
    held.leave(kept, ({ receiveCount }) => UNWRITTEN_SECONDS * 4 ** Math.min(receiveCount, 6), signal),
    held.leave(
      poison,
      ({ receiveCount }) =>
        hasDeadLetterQueue ? POISON_SECONDS : LONELY_POISON_SECONDS * 2 ** Math.min(receiveCount, 10),
      signal,
    ),
  ]);
  const lost = new Set(failures.flatMap(({ page }) => page.page.files));
  return {
    messages: messages.length,
    files: arrivals.filter(({ file }) => !lost.has(file)).length,
    unmatched,
    poison: poison.length,
    failures,
    allFailed: failures.length > 0 && failures.length === pages.length,
  };
}
