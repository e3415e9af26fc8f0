import { randomUUID } from 'node:crypto';
import { Backlog } from './backlog.ts';
import type { StoredText } from './body-store.ts';
import type { Clock } from './clock.ts';
import { Fifo } from './fifo.ts';
import type { Delivery, Message } from './message.ts';
import type { MessageAttributes } from './message-attributes.ts';
import { arnOf, type QueueAttributes } from './queue-attributes.ts';
import { QueueFaults } from './queue-faults.ts';
import { Receipts } from './receipt.ts';
import { SqsError } from './sqs-error.ts';

const MAX_IN_FLIGHT = 120_000;
const MAX_HIDDEN_MS = 12 * 3600 * 1000;

/** What a queue needs of the others and of the disk. */
export interface QueueContext {
  readonly clock: Clock;
  /** The queue with this ARN, as the target of dead letters. */
  byArn(arn: string): Queue | undefined;
  /** Records a message that is new in the queue. */
  arrived(queue: Queue, message: Message): void;
  /** Records that a message has left the queue. */
  left(queue: Queue, message: Message): void;
}

export interface QueueIdentity {
  readonly name: string;
  /** Another one if a queue is deleted and recreated under its name. */
  readonly id: string;
  readonly createdAtMs: number;
}

interface ReceiveOptions {
  /** 1 to 10. */
  readonly max: number;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** A receiver that waits for a message. */
interface Poll extends ReceiveOptions {
  readonly end: (deliveries: Delivery[]) => void;
}

/** A standard queue in memory. */
export class Queue implements QueueIdentity {
  readonly name: string;
  readonly id: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  faults = new QueueFaults();
  readonly #context: QueueContext;
  #attributes: QueueAttributes;
  readonly #receipts: Receipts;
  readonly #backlog: Backlog;
  /** Messages to be delivered once more, by a fault. */
  readonly #again = new Fifo<Message>();
  readonly #polls = new Set<Poll>();
  #cancelTimer = () => {};

  constructor(identity: QueueIdentity, attributes: QueueAttributes, context: QueueContext) {
    this.name = identity.name;
    this.id = identity.id;
    this.createdAtMs = identity.createdAtMs;
    this.modifiedAtMs = identity.createdAtMs;
    this.#attributes = attributes;
    this.#context = context;
    this.#receipts = new Receipts(identity.id);
    this.#backlog = new Backlog({
      clock: context.clock,
      retentionSeconds: () => this.#attributes.MessageRetentionPeriod,
      left: (message) => context.left(this, message),
    });
  }

  get arn(): string {
    return arnOf(this.name);
  }

  get attributes(): QueueAttributes {
    return this.#attributes;
  }

  set attributes(attributes: QueueAttributes) {
    this.#attributes = attributes;
    this.modifiedAtMs = this.#context.clock.nowMs();
  }

  /** Exact, although clients know them as approximate. */
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    this.#backlog.settle();
    const { visible, delayed } = this.#backlog.counts;
    return { visible, inFlight: this.#backlog.counts['in flight'], delayed };
  }

  messages(): Iterable<Message> {
    return this.#backlog.all();
  }

  send(body: StoredText, attributes: MessageAttributes | undefined, delaySeconds: number): Message {
    const nowMs = this.#context.clock.nowMs();
    const message: Message = {
      id: flat(randomUUID()),
      body,
      attributes,
      sentAtMs: nowMs,
      state: 'gone',
      receiveCount: 0,
      firstReceivedAtMs: undefined,
      movedFrom: undefined,
      delivery: 0,
      stamp: 0,
      receivedAtMs: 0,
    };
    this.#backlog.add(message, delaySeconds === 0 ? undefined : nowMs + delaySeconds * 1000);
    this.#context.arrived(this, message);
    this.#answerPolls();
    return message;
  }

  /** Takes over a visible message: one that was moved, or read from disk. */
  add(message: Message): void {
    this.#backlog.add(message);
  }

  async receive(options: ReceiveOptions): Promise<Delivery[]> {
    this.#backlog.settle();
    const isFull = this.#backlog.counts['in flight'] >= MAX_IN_FLIGHT;
    if (isFull && options.waitSeconds === 0) {
      throw new SqsError('OverLimit', `The queue has ${MAX_IN_FLIGHT} messages in flight.`);
    }
    const deliveries = isFull ? [] : this.#take(options);
    if (deliveries.length > 0 || options.waitSeconds === 0) return deliveries;
    return await new Promise((resolve) => {
      const end = (found: Delivery[]) => {
        this.#polls.delete(poll);
        cancel();
        options.signal.removeEventListener('abort', giveUp);
        resolve(found);
      };
      const giveUp = () => end([]);
      const poll: Poll = { ...options, end };
      const { clock } = this.#context;
      const cancel = clock.at(clock.nowMs() + options.waitSeconds * 1000, giveUp);
      options.signal.addEventListener('abort', giveUp);
      this.#polls.add(poll);
      if (options.signal.aborted) giveUp();
      this.#setTimer();
    });
  }

  /**
   * Deletes a message by the receipt of its last delivery, even if that has expired. An older receipt succeeds and
   * deletes nothing, as SQS allows for standard queues.
   * @throws SqsError `ReceiptHandleIsInvalid`
   */
  delete(receipt: string): void {
    this.#backlog.settle();
    const { messageId, delivery } = this.#receipts.read(receipt);
    const message = this.#backlog.get(messageId);
    if (message === undefined || message.delivery !== delivery) return;
    this.#backlog.remove(message);
    if (this.faults.happens('afterDelete')) this.#again.push(message);
    // A queue that had too many messages in flight may have been holding them back.
    this.#answerPolls();
  }

  /** @throws SqsError if the message is not in flight under this receipt, or would be hidden for more than 12 hours */
  changeVisibility(receipt: string, seconds: number): void {
    this.#backlog.settle();
    const { messageId, delivery } = this.#receipts.read(receipt);
    const message = this.#backlog.get(messageId);
    if (message === undefined || message.delivery !== delivery)
      throw new SqsError(
        'InvalidParameterValue',
        `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    if (message.state !== 'in flight')
      throw new SqsError('MessageNotInflight', 'The specified message is not in flight.');
    const dueMs = this.#context.clock.nowMs() + seconds * 1000;
    if (dueMs > message.receivedAtMs + MAX_HIDDEN_MS)
      throw new SqsError(
        'InvalidParameterValue',
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
      );
    this.#backlog.hide(message, 'in flight', dueMs);
    this.#answerPolls();
  }

  /** Makes all messages in flight visible, as if their time had passed. */
  expireAll(): void {
    for (const message of this.#backlog.all()) if (message.state === 'in flight') this.#backlog.show(message);
    this.#answerPolls();
  }

  /** Removes the visible messages. @returns what was removed, oldest first */
  *drain(): Iterable<Message> {
    this.#backlog.settle();
    for (const message of this.#backlog.all()) {
      if (message.state !== 'visible') continue;
      this.#backlog.remove(message);
      yield message;
    }
  }

  purge(): void {
    for (const message of this.#backlog.all()) this.#backlog.remove(message);
  }

  /** Ends the long polls, without messages. */
  close(): void {
    this.#cancelTimer();
    for (const poll of this.#polls) poll.end([]);
  }

  #take({ max, visibilitySeconds }: ReceiveOptions): Delivery[] {
    const taken = new Set<Message>();
    while (taken.size < max) {
      const message = this.#next(taken);
      if (message === undefined) break;
      if (!this.#moveToDeadLetters(message)) taken.add(message);
    }
    return Array.from(taken, (message) => this.#deliver(message, visibilitySeconds));
  }

  #next(taken: ReadonlySet<Message>): Message | undefined {
    for (;;) {
      const message = this.#again.take();
      if (message === undefined) break;
      if (!taken.has(message)) return message;
    }
    // Out of the list of visible messages, so that the same receive cannot find it again.
    return this.#backlog.take(() => this.faults.depth());
  }

  #deliver(message: Message, visibilitySeconds: number): Delivery {
    const nowMs = this.#context.clock.nowMs();
    message.delivery += 1;
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= nowMs;
    message.receivedAtMs = nowMs;
    if (message.state !== 'gone') {
      this.#backlog.hide(message, 'in flight', nowMs + visibilitySeconds * 1000);
      // Of the first delivery only: if duplicates had duplicates, the message would arrive until it is a dead letter.
      if (message.delivery === 1 && this.faults.happens('duplicate')) this.#again.push(message);
    }
    const receipt = this.#receipts.of(message.id, message.delivery);
    return { message, receipt, receiveCount: message.receiveCount };
  }

  #moveToDeadLetters(message: Message): boolean {
    const { RedrivePolicy: policy } = this.#attributes;
    if (policy === '' || message.receiveCount < policy.maxReceiveCount || message.state === 'gone')
      return false;
    const target = this.#context.byArn(policy.deadLetterTargetArn);
    if (target === undefined) return false;
    this.#backlog.remove(message);
    message.movedFrom = this.arn;
    message.delivery = 0;
    target.add(message);
    this.#context.arrived(target, message);
    target.#answerPolls();
    return true;
  }

  #answerPolls(): void {
    if (this.#polls.size === 0) return;
    this.#backlog.settle();
    for (const poll of this.#polls) {
      if (this.#backlog.counts.visible === 0 && this.#again.length === 0) break;
      if (this.#backlog.counts['in flight'] >= MAX_IN_FLIGHT) break;
      const deliveries = this.#take(poll);
      if (deliveries.length > 0) poll.end(deliveries);
    }
    this.#setTimer();
  }

  /** Wakes the long polls when the next message becomes visible. */
  #setTimer(): void {
    this.#cancelTimer();
    const dueMs = this.#backlog.nextDueMs;
    if (this.#polls.size === 0 || dueMs === undefined) return;
    this.#cancelTimer = this.#context.clock.at(dueMs, () => this.#answerPolls());
  }
}

/** Node joins a UUID from pieces, and V8 keeps the pieces: about 450 bytes for each of a million messages. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
