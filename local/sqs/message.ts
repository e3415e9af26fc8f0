import type { StoredText } from './body-store.ts';
import type { MessageAttributes } from './message-attributes.ts';

/** A message of one queue. */
export interface Message {
  readonly id: string;
  readonly body: StoredText;
  readonly attributes: MessageAttributes | undefined;
  readonly sentAtMs: number;
  /** `gone`: deleted, expired or moved. It may still be in the list of visible messages, which skips it. */
  state: 'delayed' | 'visible' | 'in flight' | 'gone';
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** The queue that moved it here, because it was received too often. */
  movedFrom: string | undefined;
  /** Counts the deliveries since the server's start; 0 before the first. The last one's receipt is the valid one. */
  delivery: number;
  /** Of its last change of visibility: entries of the heap with another stamp no longer count. */
  stamp: number;
  /** When it was last received, for the limit of 12 hours. */
  receivedAtMs: number;
}

/** One delivery of a message, as it was at that time. */
export interface Delivery {
  readonly message: Message;
  readonly receipt: string;
  readonly receiveCount: number;
}
