import type { CallOptions } from './object-store.ts';

/** Exactly what a watcher needs of an SQS standard queue: messages arrive at least once, in any order. */
export interface MessageQueue {
  readonly url: string;
  /**
   * Receives up to `max` messages and hides them from other receivers. It returns as soon as there is one, and nothing
   * after `waitSeconds`. After a lost response, the messages arrive again once `visibilitySeconds` have passed.
   */
  receive(options: ReceiveOptions): Promise<readonly ReceivedMessage[]>;
  /**
   * Deletes received messages, in calls of ten. Deleting one that is already gone succeeds.
   * @returns those that SQS did not delete; they will be delivered again
   */
  delete(receipts: readonly string[], options?: CallOptions): Promise<readonly FailedEntry[]>;
  /**
   * Hides received messages for another `seconds` from now; 0 makes them visible at once. SQS allows 12 hours in all
   * since a message was received.
   * @returns those for which SQS did not, e.g. because they are visible again or deleted
   */
  extend(
    receipts: readonly string[],
    seconds: number,
    options?: CallOptions,
  ): Promise<readonly FailedEntry[]>;
  /** SQS's approximate numbers of messages. They can be a minute old. */
  counts(options?: CallOptions): Promise<MessageCounts>;
  /** Where messages go that were received too often, or undefined if the queue has no dead-letter queue. */
  redrive(options?: CallOptions): Promise<Redrive | undefined>;
}

interface ReceiveOptions extends CallOptions {
  /** 1 to 10. */
  readonly max: number;
  /** 0 to 20: how long SQS waits for a message. */
  readonly waitSeconds: number;
  /** 0 to 43,200: how long the messages are hidden, from the time of the response. */
  readonly visibilitySeconds: number;
}

export interface ReceivedMessage {
  /** The same at every delivery. */
  readonly id: string;
  /** Names this delivery in `delete` and `extend`. */
  readonly receipt: string;
  readonly body: string;
  /** How often the message has been received, with this time: 1 at first. Approximate. */
  readonly receiveCount: number;
  /** When SQS accepted the message, in milliseconds since 1970. */
  readonly sentAtMs: number;
}

export interface FailedEntry {
  readonly receipt: string;
  /** SQS's error code, such as ReceiptHandleIsInvalid. */
  readonly code: string;
  readonly message: string;
  /** Whether the fault is SQS's own, so that the same call may succeed later. */
  readonly retryable: boolean;
}

interface MessageCounts {
  readonly visible: number;
  /** Received, and neither deleted nor visible again. */
  readonly inFlight: number;
  /** Sent with a delay that has not ended. */
  readonly delayed: number;
}

interface Redrive {
  readonly deadLetterQueueArn: string;
  /** A message that was received this often without being deleted goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
}
