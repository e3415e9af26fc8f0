import { beforeEach, describe, expect, test } from '@jest/globals';
import { BodyStore } from '../../../../local/sqs/body-store.ts';
import type { Queue } from '../../../../local/sqs/queue.ts';
import { FaultSettings, QueueFaults } from '../../../../local/sqs/queue-faults.ts';
import { Queues } from '../../../../local/sqs/queues.ts';
import { settled } from '../../clients/hand-clock.ts';
import { QueueClock } from './queue-clock.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const staying = new AbortController().signal;

let clock: QueueClock;
let queues: Queues;
let queue: Queue;
const bodies = new BodyStore();
beforeEach(() => {
  clock = new QueueClock();
  queues = new Queues(clock);
  queue = queues.create('orders', {});
});

const send = (body: string, delaySeconds = 0, to = queue) =>
  to.send(bodies.store(body), undefined, delaySeconds);
const receive = async (options: object = {}, from = queue) =>
  await from.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0, signal: staying, ...options });
const textsOf = (deliveries: Awaited<ReturnType<typeof receive>>) =>
  deliveries.map(({ message }) => message.body.text);
/** What a receive has returned so far. */
function watched(receiving: ReturnType<typeof receive>) {
  const result: { texts?: string[] } = {};
  void receiving.then((deliveries) => {
    result.texts = textsOf(deliveries);
  });
  return result;
}

describe('a received message', () => {
  test('is hidden until its time has passed, then arrives again with a higher count', async () => {
    const { id } = send('a');
    const [first] = await receive();
    expect([first!.message.id, first!.receiveCount]).toEqual([id, 1]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await clock.advance(30 * SECOND - 1);
    expect(await receive()).toEqual([]);
    await clock.advance(1);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    const [second] = await receive();
    expect([second!.message.id, second!.receiveCount]).toEqual([id, 2]);
  });

  test('is deleted by its receipt even if that has expired', async () => {
    send('a');
    const [delivery] = await receive();
    await clock.advance(60 * SECOND);
    queue.delete(delivery!.receipt);
    expect(await receive()).toEqual([]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(() => queue.delete(delivery!.receipt)).not.toThrow();
  });

  test('is not deleted by the receipt of an earlier delivery', async () => {
    send('a');
    const [earlier] = await receive();
    await clock.advance(30 * SECOND);
    const [later] = await receive();
    expect(() => queue.delete(earlier!.receipt)).not.toThrow();
    expect(queue.counts().inFlight).toBe(1);
    expect(() => queue.changeVisibility(earlier!.receipt, 60)).toThrow(/does not exist or is not available/);
    queue.delete(later!.receipt);
    expect(queue.counts().inFlight).toBe(0);
  });

  test('can be hidden for longer, or shown at once, while it is in flight', async () => {
    send('a');
    const [delivery] = await receive();
    await clock.advance(29 * SECOND);
    queue.changeVisibility(delivery!.receipt, 100);
    await clock.advance(99 * SECOND);
    expect(await receive()).toEqual([]);
    queue.changeVisibility(delivery!.receipt, 0);
    expect(() => queue.changeVisibility(delivery!.receipt, 10)).toThrow('not in flight');
    expect(textsOf(await receive())).toEqual(['a']);
  });

  test('cannot be hidden for more than 12 hours in all', async () => {
    send('a');
    const [delivery] = await receive();
    await clock.advance(29 * SECOND);
    expect(() => queue.changeVisibility(delivery!.receipt, 43_200)).toThrow(
      'beyond the limit [43200 seconds]',
    );
    queue.changeVisibility(delivery!.receipt, 43_200 - 29);
    await clock.advance(12 * HOUR - 29 * SECOND);
    expect(textsOf(await receive())).toEqual(['a']);
  });
});

describe('a long poll', () => {
  test('returns as soon as a message is sent, to the receiver that waits longest', async () => {
    const first = watched(receive({ waitSeconds: 20 }));
    const second = watched(receive({ waitSeconds: 20 }));
    await clock.advance(10 * SECOND);
    expect(first.texts).toBeUndefined();
    send('a');
    await settled();
    expect(first.texts).toEqual(['a']);
    await clock.advance(10 * SECOND - 1);
    expect(second.texts).toBeUndefined();
    await clock.advance(1);
    expect(second.texts).toEqual([]);
  });

  test('returns when a hidden or delayed message becomes visible', async () => {
    send('hidden');
    await receive({ visibilitySeconds: 5 });
    send('delayed', 8);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 1 });
    const polling = watched(receive({ waitSeconds: 20 }));
    await clock.advance(5 * SECOND);
    expect(polling.texts).toEqual(['hidden']);
    const next = watched(receive({ waitSeconds: 20 }));
    await clock.advance(3 * SECOND);
    expect(next.texts).toEqual(['delayed']);
  });

  test('takes nothing once its client has gone', async () => {
    const gone = new AbortController();
    const polling = watched(receive({ waitSeconds: 20, signal: gone.signal }));
    gone.abort();
    send('a');
    await settled();
    expect(polling.texts).toEqual([]);
    expect(textsOf(await receive())).toEqual(['a']);
  });

  test('ends when its queue is deleted', async () => {
    const polling = watched(receive({ waitSeconds: 20 }));
    queues.delete(queue);
    await settled();
    expect(polling.texts).toEqual([]);
  });
});

describe('dead letters', () => {
  let dead: Queue;
  beforeEach(() => {
    dead = queues.create('dead', {});
    const policy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 3 };
    queues.setAttributes(queue, { RedrivePolicy: JSON.stringify(policy) });
  });
  const poison = async () => {
    const { id } = send('poison');
    for (let times = 1; times <= 3; times++) {
      expect(textsOf(await receive())).toEqual(['poison']);
      await clock.advance(30 * SECOND);
    }
    return id;
  };

  test('a message that was received three times is moved at the next receive, which returns others', async () => {
    const id = await poison();
    expect(queue.counts().visible).toBe(1);
    send('good');
    const polling = watched(receive({ waitSeconds: 20 }, dead));
    expect(textsOf(await receive())).toEqual(['good']);
    await settled();
    expect(polling.texts).toEqual(['poison']);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    const [message] = dead.messages();
    expect(message).toMatchObject({ id, receiveCount: 4, movedFrom: queue.arn });
  });

  test('without the other queue, it is delivered again', async () => {
    await poison();
    queues.delete(dead);
    const [delivery] = await receive();
    expect(delivery!.receiveCount).toBe(4);
  });

  test('a queue cannot have a dead-letter queue that does not exist', () => {
    const policy = { deadLetterTargetArn: `${dead.arn}x`, maxReceiveCount: 3 };
    expect(() => queues.create('third', { RedrivePolicy: JSON.stringify(policy) })).toThrow(
      'Dead letter target does not exist',
    );
  });
});

test('messages are gone once their retention has passed, whether they are visible or hidden', async () => {
  queues.setAttributes(queue, { MessageRetentionPeriod: '60' });
  send('hidden');
  await receive({ visibilitySeconds: 3600 });
  await clock.advance(30 * SECOND);
  send('visible');
  await clock.advance(40 * SECOND);
  expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  await clock.advance(20 * SECOND);
  expect(await receive()).toEqual([]);
});

test('with 120,000 messages in flight, a short poll is refused and a long poll waits for a deletion', async () => {
  for (let n = 0; n <= 120_000; n++) send('x');
  let receipt = '';
  for (let n = 0; n < 12_000; n++) receipt = (await receive())[0]!.receipt;
  expect(queue.counts()).toMatchObject({ visible: 1, inFlight: 120_000 });
  await expect(receive()).rejects.toMatchObject({ name: 'OverLimit' });
  const polling = watched(receive({ waitSeconds: 20 }));
  await settled();
  expect(polling.texts).toBeUndefined();
  queue.delete(receipt);
  await settled();
  expect(polling.texts).toEqual(['x']);
});

describe('faults', () => {
  const disturb = (settings: object) => {
    queue.faults = new QueueFaults(FaultSettings.parse(settings));
  };

  test('a duplicate arrives while the message is hidden; only the last receipt deletes it', async () => {
    disturb({ duplicate: 1 });
    send('a');
    const [first] = await receive();
    const [second] = await receive();
    expect([second!.message.id, second!.receiveCount]).toEqual([first!.message.id, 2]);
    expect(await receive()).toEqual([]);
    queue.delete(first!.receipt);
    expect(queue.counts().inFlight).toBe(1);
    queue.delete(second!.receipt);
    expect(queue.counts().inFlight).toBe(0);
  });

  test('a message is duplicated once, however often it is received', async () => {
    disturb({ duplicate: 1 });
    send('a');
    for (let receives = 1; receives <= 3; receives++) {
      expect(textsOf(await receive())).toEqual(receives < 3 ? ['a'] : []);
    }
    await clock.advance(30 * SECOND);
    expect(textsOf(await receive())).toEqual(['a']);
    expect(await receive()).toEqual([]);
  });

  test('a deleted message arrives once more', async () => {
    disturb({ afterDelete: 1 });
    send('a');
    const polling = watched(receive({ waitSeconds: 20 }));
    const [delivery] = await receive();
    expect(delivery).toBeUndefined();
    await settled();
    expect(polling.texts).toEqual(['a']);
    const [message] = queue.messages();
    expect(message).toBeDefined();
    await clock.advance(30 * SECOND);
    const [again] = await receive();
    queue.delete(again!.receipt);
    expect(textsOf(await receive())).toEqual(['a']);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receive()).toEqual([]);
  });

  test('messages arrive in any order, the same for the same seed, and each once', async () => {
    const orderOf = async (settings: object) => {
      disturb(settings);
      queue.purge();
      for (let n = 0; n < 40; n++) send(String(n));
      const texts: string[] = [];
      for (let batch = 0; batch < 4; batch++) texts.push(...textsOf(await receive()));
      return texts;
    };
    const inOrder = Array.from({ length: 40 }, (_, n) => String(n));
    const shuffled = await orderOf({ shuffle: true, seed: 1 });
    expect(await orderOf({})).toEqual(inOrder);
    expect(shuffled).not.toEqual(inOrder);
    expect(shuffled.toSorted((a, b) => Number(a) - Number(b))).toEqual(inOrder);
    expect(await orderOf({ shuffle: true, seed: 1 })).toEqual(shuffled);
    expect(await orderOf({ shuffle: true, seed: 2 })).not.toEqual(shuffled);
  });

  test('all messages in flight can be made visible at once', async () => {
    for (const text of ['a', 'b']) send(text);
    const deliveries = await receive();
    queue.expireAll();
    expect(textsOf(await receive())).toEqual(['a', 'b']);
    queue.delete(deliveries[0]!.receipt);
    expect(queue.counts().inFlight).toBe(2);
  });
});
