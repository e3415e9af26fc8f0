import { log } from '@temporalio/activity';
import type { MessageQueue, ReceivedMessage } from '../../clients/message-queue.ts';

/** How long a message is hidden at first, and by each extension. A worker that dies delays its messages by this. */
export const HIDDEN_SECONDS = 120;
/** SQS's limit since a message was received, less the time that a call may take. */
const MOST_SECONDS = 12 * 3600 - 300;
const LOOK_EVERY_MS = 15_000;

interface Held {
  readonly receivedMs: number;
  hiddenUntilMs: number;
}

/**
 * The messages that a watcher has received and not yet disposed of. While they are held, other receivers do not see
 * them: their visibility timeout is extended in time. What is still held when the worker dies is delivered again.
 */
export class HeldMessages {
  readonly #queue: MessageQueue;
  readonly #nowMs: () => number;
  readonly #held = new Map<string, Held>();

  constructor(queue: MessageQueue, nowMs: () => number = () => performance.now()) {
    this.#queue = queue;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Takes over messages that have just been received. */
  hold(messages: readonly ReceivedMessage[]): void {
    const receivedMs = this.#nowMs();
    const hiddenUntilMs = receivedMs + HIDDEN_SECONDS * 1000;
    for (const { receipt } of messages) this.#held.set(receipt, { receivedMs, hiddenUntilMs });
  }

  /** Deletes messages. One that SQS does not delete is delivered again, which is harmless. */
  async delete(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    const failed = await this.#queue.delete(this.#release(messages), { signal });
    if (failed.length > 0)
      log.info('SQS did not delete messages; they will be delivered again', {
        ...{ queue: this.#queue.url, messages: failed.length, first: failed[0]?.message },
      });
  }

  /** Leaves messages in the queue, where they are visible again after this time. */
  async leave(
    messages: readonly ReceivedMessage[],
    seconds: (message: ReceivedMessage) => number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#release(messages);
    const bySeconds = Map.groupBy(messages, (message) =>
      Math.min(MOST_SECONDS, Math.round(seconds(message))),
    );
    for (const [hidden, some] of bySeconds)
      await this.#queue.extend(
        some.map(({ receipt }) => receipt),
        hidden,
        { signal },
      );
  }

  /** Keeps messages hidden while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const timer = setInterval(() => void this.extend(), LOOK_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Extends the visibility timeout of messages that have used up half of it, up to SQS's limit. */
  async extend(): Promise<void> {
    const nowMs = this.#nowMs();
    const due = [...this.#held].filter(
      ([, { receivedMs, hiddenUntilMs }]) =>
        hiddenUntilMs - nowMs < (HIDDEN_SECONDS * 1000) / 2 &&
        nowMs + HIDDEN_SECONDS * 1000 < receivedMs + MOST_SECONDS * 1000,
    );
    if (due.length === 0) return;
    for (const [, held] of due) held.hiddenUntilMs = nowMs + HIDDEN_SECONDS * 1000;
    try {
      await this.#queue.extend(
        due.map(([receipt]) => receipt),
        HIDDEN_SECONDS,
      );
    } catch (error) {
      log.warn('messages may be delivered again while they are held', {
        ...{ queue: this.#queue.url, messages: due.length, error: String(error) },
      });
    }
  }

  #release(messages: readonly ReceivedMessage[]): string[] {
    const receipts = messages.map(({ receipt }) => receipt);
    for (const receipt of receipts) this.#held.delete(receipt);
    return receipts;
  }
}
