import { log } from '@temporalio/activity';
import type { ReceivedMessage } from '../../clients/message-queue.ts';
import { type Arrival, inboxLocation } from '../../pipeline/loader/inbox-pages.ts';
import { type Loaders, routeFile } from '../../pipeline/loader/routing.ts';
import { type AnnouncedFile, readMessage } from '../../pipeline/loader/s3-event.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** What messages announce. */
export interface Announcements {
  /** Files on their way to an inbox. */
  readonly arrivals: readonly Arrival[];
  /** Files that no loader wants. */
  readonly unmatched: readonly UnmatchedFile[];
  /** Messages that are not notifications of S3. */
  readonly poison: readonly ReceivedMessage[];
}

export interface UnmatchedFile {
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601: when it was announced. */
  readonly at: string;
}

/** HeadObject requests at once. */
const HEADS_AT_ONCE = 32;

/** Reads messages, and asks S3 for what they leave out. */
export async function readAnnouncements(
  { store }: Pick<Dependencies, 'store'>,
  messages: readonly ReceivedMessage[],
  loaders: Loaders,
  signal: AbortSignal,
): Promise<Announcements> {
  const arrivals: Arrival[] = [];
  const incomplete: { readonly arrival: Arrival; readonly announced: AnnouncedFile }[] = [];
  const unmatched: UnmatchedFile[] = [];
  const poison: ReceivedMessage[] = [];
  for (const message of messages) {
    const read = readMessage(message.body);
    if ('poison' in read) {
      poison.push(message);
      log.warn(
        `A message in the queue cannot be used: ${read.poison}. It is left to the dead-letter queue.`,
        aboutMessage(message),
      );
      continue;
    }
    const at = new Date(message.sentAtMs).toISOString();
    for (const announced of read.files) {
      const { bucket, key, etag = '', bytes = 0 } = announced;
      const found = routeFile(loaders, announced);
      if (found === undefined) {
        unmatched.push({ bucket, key, at });
        continue;
      }
      const arrival: Arrival = {
        file: { bucket, key, etag, bytes, at, loader: found.name },
        to: inboxLocation(found.loader),
        message: message.id,
        sinceMs: message.sentAtMs,
      };
      if (etag === '' || bytes === 0) incomplete.push({ arrival, announced });
      else arrivals.push(arrival);
    }
  }
  await forEachLimited(
    incomplete,
    HEADS_AT_ONCE,
    async ({ arrival, announced }, stop) => {
      const completed = await complete(store, arrival, announced, stop);
      if (completed !== undefined) arrivals.push(completed);
    },
    signal,
  );
  return { arrivals, unmatched, poison };
}

/** What identifies a message in a log, without its contents. */
const aboutMessage = ({ id, receiveCount }: ReceivedMessage) => ({ message: id, receiveCount });

/**
 * Adds the size and the ETag of a file whose event has none. If the key holds another object by now, the announced file
 * keeps its identity: the loader finds out that it was overwritten, and the new one has an event of its own.
 * @returns undefined if the file cannot be identified, because it is gone and its event had no ETag
 */
async function complete(
  store: Dependencies['store'],
  arrival: Arrival,
  { etag }: AnnouncedFile,
  signal: AbortSignal,
): Promise<Arrival | undefined> {
  const { file } = arrival;
  let head: Awaited<ReturnType<ReturnType<Dependencies['store']>['head']>>;
  try {
    head = await store(file.bucket).head(file.key, { signal });
  } catch (error) {
    // A size only decides how full a batch is.
    if (etag !== undefined && !signal.aborted) return arrival;
    throw error;
  }
  if (head === undefined) return etag === undefined ? undefined : arrival;
  const found = bareEtag(head.etag);
  if (etag !== undefined && etag !== found) return arrival;
  return { ...arrival, file: { ...file, etag: found, bytes: head.bytes } };
}
