import { expect, test } from '@jest/globals';
import { HeldMessages, HIDDEN_SECONDS } from '../../../../src/activities/loader/held-messages.ts';
import type { MessageQueue, ReceivedMessage } from '../../../../src/clients/message-queue.ts';

/** A queue that only keeps account of until when each receipt is hidden, in seconds. */
class Hidden {
  nowSeconds = 0;
  readonly until = new Map<string, number>();
  readonly received = new Map<string, number>();
  readonly deleted: string[] = [];
  readonly queue = {
    url: 'https://sqs/q',
    delete: async (receipts: readonly string[]) => {
      this.deleted.push(...receipts);
      return [];
    },
    extend: async (receipts: readonly string[], seconds: number) => {
      for (const receipt of receipts) {
        // SQS refuses more than twelve hours in all.
        if (this.nowSeconds + seconds > this.received.get(receipt)! + 12 * 3600)
          throw new Error('twelve hours');
        this.until.set(receipt, this.nowSeconds + seconds);
      }
      return [];
    },
  } as unknown as MessageQueue;
  readonly held = new HeldMessages(this.queue, () => this.nowSeconds * 1000);

  receive(receipt: string): ReceivedMessage {
    this.until.set(receipt, this.nowSeconds + HIDDEN_SECONDS);
    this.received.set(receipt, this.nowSeconds);
    const message = { id: receipt, receipt, body: '', receiveCount: 1, sentAtMs: 0 };
    this.held.hold([message]);
    return message;
  }

  async wait(seconds: number, each: () => void = () => {}): Promise<void> {
    for (const end = this.nowSeconds + seconds; this.nowSeconds < end; this.nowSeconds += 15) {
      await this.held.extend();
      each();
    }
  }
}
const { signal } = new AbortController();

test('a message that is held for eleven hours is hidden all the time', async () => {
  const sqs = new Hidden();
  sqs.receive('a');
  await sqs.wait(11 * 3600, () => expect(sqs.until.get('a')!).toBeGreaterThan(sqs.nowSeconds));
});

test('no message is hidden beyond the twelve hours that SQS allows', async () => {
  const sqs = new Hidden();
  sqs.receive('a');
  await sqs.wait(13 * 3600);
  expect(sqs.until.get('a')!).toBeLessThanOrEqual(12 * 3600);
});

test('a message that is deleted or left is extended no more', async () => {
  const sqs = new Hidden();
  const [a, b] = [sqs.receive('a'), sqs.receive('b')];
  await sqs.held.delete([a], signal);
  await sqs.held.leave([b], () => 30, signal);
  expect(sqs.held.size).toBe(0);
  await sqs.wait(600);
  expect(sqs.deleted).toEqual(['a']);
  expect(sqs.until.get('b')).toBe(30);
});
