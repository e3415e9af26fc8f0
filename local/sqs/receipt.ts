import { randomBytes } from 'node:crypto';
import { SqsError } from './sqs-error.ts';

/** Receipts of an earlier process are recognised, so that they can be treated as expired. */
const PROCESS = randomBytes(6).toString('hex');

interface Receipt {
  readonly messageId: string;
  /** 0 if an earlier process delivered it. */
  readonly delivery: number;
}

/** Names one delivery of a message. Opaque to clients. */
export function receiptOf(queueId: string, messageId: string, delivery: number): string {
  return Buffer.from(`${queueId} ${messageId} ${PROCESS} ${delivery}`).toString('base64');
}

/** @throws SqsError `ReceiptHandleIsInvalid` if it is not a receipt of this queue */
export function readReceipt(receipt: string, queueId: string): Receipt {
  const [queue, messageId, process, delivery] = Buffer.from(receipt, 'base64').toString().split(' ');
  if (queue !== queueId || messageId === undefined || !/^\d+$/.test(delivery ?? ''))
    throw new SqsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  return { messageId, delivery: process === PROCESS ? Number(delivery) : 0 };
}
