import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BodyStore } from '../../../../local/sqs/body-store.ts';
import { Journal } from '../../../../local/sqs/journal.ts';
import type { Queue } from '../../../../local/sqs/queue.ts';
import { Queues } from '../../../../local/sqs/queues.ts';
import { Notifications } from '../../../../local/sqs/s3-events/notifications.ts';
import { QueueClock } from './queue-clock.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-sqs-'));
  file = join(directory, 'sqs.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a server keeps, read from the file. */
async function opened() {
  const queues = new Queues(new QueueClock());
  const bodies = new BodyStore();
  const notifications = new Notifications((arn) => queues.byArn(arn) !== undefined);
  const journal = await Journal.open(file, { queues, notifications }, bodies);
  const send = (queue: Queue, body: string) => queue.send(bodies.store(body), undefined, 0);
  return { queues, notifications, journal, send };
}
const receive = async (queue: Queue, max = 10) =>
  await queue.receive({ max, visibilitySeconds: 0, waitSeconds: 0, signal: new AbortController().signal });
const textsIn = (queue: Queue) => Array.from(queue.messages(), ({ body }) => body.text);

test('queues, messages and notifications outlive the server; what was deleted or moved does not come back', async () => {
  const before = await opened();
  const dead = before.queues.create('dead', {});
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
  const orders = before.queues.create('orders', { RedrivePolicy, VisibilityTimeout: '7' });
  before.queues.delete(before.queues.create('short-lived', {}));
  before.notifications.put('data', 'orders', { QueueArn: orders.arn, Events: ['s3:ObjectCreated:Put'] });
  before.send(orders, 'deleted');
  const [delivery] = await receive(orders);
  orders.delete(delivery!.receipt);
  const poison = before.send(orders, 'poison');
  await receive(orders);
  await receive(orders);
  before.send(orders, 'waiting 😀');
  await before.journal.close();

  const after = await opened();
  expect(after.queues.all().map(({ name }) => name)).toEqual(['dead', 'orders']);
  const restored = after.queues.get('orders');
  expect(restored.attributes).toEqual(orders.attributes);
  expect(textsIn(restored)).toEqual(['waiting 😀']);
  expect([...after.queues.get('dead').messages()]).toMatchObject([
    { id: poison.id, receiveCount: 1, movedFrom: orders.arn },
  ]);
  expect(after.notifications.of('data')).toEqual(before.notifications.of('data'));
  await after.journal.close();
});

test('a receipt from before a restart is valid until the message is received again', async () => {
  const before = await opened();
  const queue = before.queues.create('orders', {});
  for (const text of ['a', 'b']) before.send(queue, text);
  const [ofA, ofB] = (await receive(queue)).map(({ receipt }) => receipt);
  await before.journal.close();

  const after = await opened();
  const restored = after.queues.get('orders');
  expect(restored.counts()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  restored.delete(ofA!);
  expect(textsIn(restored)).toEqual(['b']);
  await receive(restored);
  restored.delete(ofB!);
  expect(textsIn(restored)).toEqual(['b']);
  await after.journal.close();
});

test('a line that a killed server left unfinished counts as not written', async () => {
  const before = await opened();
  before.send(before.queues.create('orders', {}), 'a');
  await before.journal.close();
  appendFileSync(file, '{"kind":"message","queue":"orders","id":"half');
  const after = await opened();
  expect(textsIn(after.queues.get('orders'))).toEqual(['a']);
  await after.journal.close();
});

test('the file does not grow with messages that are gone', async () => {
  const { queues, journal, send } = await opened();
  const queue = queues.create('orders', {});
  const sizes: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 20_000; n++) send(queue, 'x');
    queue.purge();
    send(queue, `kept ${round}`);
    await journal.flushed();
    sizes.push(statSync(file).size);
  }
  await journal.close();
  expect(Math.min(...sizes.slice(1))).toBeLessThan(1000);
  const after = await opened();
  expect(textsIn(after.queues.get('orders'))).toEqual(['kept 3']);
  await after.journal.close();
});
