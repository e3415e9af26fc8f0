import { log } from '@temporalio/activity';
import type { MessageQueue, ReceivedMessage } from '../../clients/message-queue.ts';
import { HIDDEN_SECONDS } from './held-messages.ts';

/** SQS's limit for one receive. A full one says that the queue is deep. */
const FULL = 10;
/** How long messages are gathered, so that a page has the files of one second. */
const GATHER_MS = 1_000;
/** Receives at once from a deep queue, some thousand messages per second. */
const LANES = 16;

interface GatherOptions {
  /** How long to wait for the first message, at most 20 s. */
  readonly waitSeconds: number;
  /** About how many messages to gather at most. */
  readonly most: number;
  /** Ends it at once. Messages that are already here are returned. */
  readonly signal: AbortSignal;
}

/**
 * Receives the messages of about one second: one receive after another, and many at once as long as they are full.
 * @returns no message if none arrived in time
 * @throws what the first receive throws; once there are messages, a failed receive only ends the gathering
 */
export async function gatherMessages(
  queue: MessageQueue,
  { waitSeconds, most, signal }: GatherOptions,
): Promise<ReceivedMessage[]> {
  const receive = (wait: number) =>
    queue.receive({ max: FULL, waitSeconds: wait, visibilitySeconds: HIDDEN_SECONDS, signal });
  let first: readonly ReceivedMessage[];
  try {
    first = await receive(waitSeconds);
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
  const gathered = [...first];
  const endsMs = performance.now() + GATHER_MS;
  const lane = async (isDeep: boolean) => {
    while (gathered.length < most && performance.now() < endsMs && !signal.aborted) {
      try {
        // The shortest long poll: one of 0 s asks only some of SQS's servers, and may find none of many messages.
        const more = await receive(1);
        for (const message of more) gathered.push(message);
        if (isDeep && more.length === 0) return;
      } catch (error) {
        if (!signal.aborted)
          log.info('receiving failed; what is here is kept', { queue: queue.url, error: String(error) });
        return;
      }
    }
  };
  if (first.length === 0) return [];
  const isDeep = first.length === FULL;
  await Promise.all(Array.from({ length: isDeep ? LANES : 1 }, () => lane(isDeep)));
  return gathered;
}
