import { log } from '@temporalio/activity';
import type { MessageQueue, ReceivedMessage } from '../../clients/message-queue.ts';
import type { QueueSeen } from '../../contract/loader/watch.ts';
import { gaugeQueue } from '../runtime/metrics.ts';

/** Asking more often shows nothing new: SQS's numbers can be a minute old. */
const EVERY_MS = 30_000;

/** What a watcher sees of its queue: for operators only. */
export class QueueWatch {
  readonly #queue: MessageQueue;
  readonly #nowMs: () => number;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #oldestMs = Number.POSITIVE_INFINITY;
  #seen: QueueSeen | undefined;

  constructor(queue: MessageQueue, nowMs: () => number) {
    this.#queue = queue;
    this.#nowMs = nowMs;
  }

  /** Notes the age of messages that have just been received. */
  received(messages: readonly ReceivedMessage[]): void {
    for (const { sentAtMs } of messages) this.#oldestMs = Math.min(this.#oldestMs, sentAtMs);
  }

  /**
   * Looks at the queue, if it is time to.
   * @returns what was seen last; undefined if the queue's attributes cannot be read, which stops nothing
   */
  async look(signal: AbortSignal, always = false): Promise<QueueSeen | undefined> {
    const nowMs = this.#nowMs();
    if (!always && nowMs - this.#lookedMs < EVERY_MS) return this.#seen;
    this.#lookedMs = nowMs;
    try {
      const counts = await this.#queue.counts({ signal });
      const oldestSeconds = Number.isFinite(this.#oldestMs)
        ? Math.max(0, Math.round((nowMs - this.#oldestMs) / 1000))
        : 0;
      this.#seen = { at: new Date(nowMs).toISOString(), ...counts, oldestSeconds };
      this.#oldestMs = Number.POSITIVE_INFINITY;
      gaugeQueue(this.#queue.url, this.#seen);
    } catch (error) {
      if (signal.aborted) return this.#seen;
      log.info('the depth of the queue is unknown', { queue: this.#queue.url, error: String(error) });
      this.#seen = undefined;
    }
    return this.#seen;
  }
}
