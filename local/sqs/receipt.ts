import { randomBytes } from 'node:crypto';
import { SqsError } from './sqs-error.ts';

interface Receipt {
  readonly messageId: string;
  /** 0 if the message was delivered before the server was restarted. */
  readonly delivery: number;
}

/** The receipts of one queue: each names one delivery of a message, and is opaque to clients. */
export class Receipts {
  readonly #queueId: string;
  /** Tells receipts of an earlier process apart. */
  readonly #since = randomBytes(6).toString('hex');

  constructor(queueId: string) {
    this.#queueId = queueId;
  }

  of(messageId: string, delivery: number): string {
    return Buffer.from(`${this.#queueId} ${messageId} ${this.#since} ${delivery}`).toString('base64');
  }

  /** @throws SqsError `ReceiptHandleIsInvalid` if it is not a receipt of this queue */
  read(receipt: string): Receipt {
    const [queue, messageId, since, delivery] = Buffer.from(receipt, 'base64').toString().split(' ');
    if (queue !== this.#queueId || messageId === undefined || !/^\d+$/.test(delivery ?? ''))
      throw new SqsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    return { messageId, delivery: since === this.#since ? Number(delivery) : 0 };
  }
}
