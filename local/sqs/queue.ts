import { randomUUID } from 'node:crypto';
import type { StoredText } from './body-store.ts';
import type { Clock } from './clock.ts';
import { DueHeap } from './due-heap.ts';
import { Fifo } from './fifo.ts';
import type { Delivery, Message } from './message.ts';
import type { MessageAttributes } from './message-attributes.ts';
import { arnOf, type QueueAttributes } from './queue-attributes.ts';
import { QueueFaults } from './queue-faults.ts';
import { Receipts } from './receipt.ts';
import { SqsError } from './sqs-error.ts';

const MAX_IN_FLIGHT = 120_000;
const MAX_HIDDEN_MS = 12 * 3600 * 1000;
/** How often the oldest messages are checked for their retention. */
const EXPIRY_CHECK_MS = 10_000;

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

/** A standard queue in memory. Every operation takes constant or logarithmic time, however many messages wait. */
export class Queue implements QueueIdentity {
  readonly name: string;
  readonly id: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  faults = new QueueFaults();
  readonly #context: QueueContext;
  #attributes: QueueAttributes;
  readonly #receipts: Receipts;
  readonly #messages = new Map<string, Message>();
  readonly #visible = new Fifo<Message>();
  /** When hidden messages become visible. */
  readonly #due = new DueHeap<{ readonly message: Message; readonly stamp: number }>();
  /** Messages to be delivered once more, by a fault. */
  readonly #again = new Fifo<Message>();
  readonly #polls = new Set<Poll>();
  readonly #counts = { visible: 0, 'in flight': 0, delayed: 0, gone: 0 };
  #cancelTimer = () => {};
  #nextExpiryCheckMs = 0;

  constructor(identity: QueueIdentity, attributes: QueueAttributes, context: QueueContext) {
    this.name = identity.name;
    this.id = identity.id;
    this.createdAtMs = identity.createdAtMs;
    this.modifiedAtMs = identity.createdAtMs;
    this.#attributes = attributes;
    this.#context = context;
    this.#receipts = new Receipts(identity.id);
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
    this.#settle();
    const { visible, delayed } = this.#counts;
    return { visible, inFlight: this.#counts['in flight'], delayed };
  }

  messages(): Iterable<Message> {
    return this.#messages.values();
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
    if (delaySeconds === 0) this.add(message);
    else {
      this.#messages.set(message.id, message);
      this.#hide(message, 'delayed', nowMs + delaySeconds * 1000);
    }
    this.#context.arrived(this, message);
    this.#answerPolls();
    return message;
  }

  /** Takes over a visible message: one that was moved, or read from disk. */
  add(message: Message): void {
    this.#messages.set(message.id, message);
    this.#show(message);
  }

  async receive(options: ReceiveOptions): Promise<Delivery[]> {
    this.#settle();
    const isFull = this.#counts['in flight'] >= MAX_IN_FLIGHT;
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
    this.#settle();
    const { messageId, delivery } = this.#receipts.read(receipt);
    const message = this.#messages.get(messageId);
    if (message === undefined || message.delivery !== delivery) return;
    this.#remove(message);
    if (this.faults.happens('afterDelete')) this.#again.push(message);
    // A queue that had too many messages in flight may have been holding them back.
    this.#answerPolls();
  }

  /** @throws SqsError if the message is not in flight under this receipt, or would be hidden for more than 12 hours */
  changeVisibility(receipt: string, seconds: number): void {
    this.#settle();
    const { messageId, delivery } = this.#receipts.read(receipt);
    const message = this.#messages.get(messageId);
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
    this.#hide(message, 'in flight', dueMs);
    this.#answerPolls();
  }

  /** Makes all messages in flight visible, as if their time had passed. */
  expireAll(): void {
    for (const message of this.#messages.values()) if (message.state === 'in flight') this.#show(message);
    this.#answerPolls();
  }

  /** Removes the visible messages. @returns what was removed, oldest first */
  *drain(): Iterable<Message> {
    this.#settle();
    for (const message of this.#messages.values()) {
      if (message.state !== 'visible') continue;
      this.#remove(message);
      yield message;
    }
  }

  purge(): void {
    for (const message of this.#messages.values()) this.#remove(message);
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
    while (this.#counts.visible > 0) {
      const message = this.#visible.take(this.faults.depth())!;
      if (message.state !== 'visible') continue;
      if (this.#isTooOld(message)) {
        this.#remove(message);
        continue;
      }
      // Out of the list of visible messages, so that the same receive cannot find it again.
      this.#enter(message, 'in flight');
      return message;
    }
    return undefined;
  }

  #deliver(message: Message, visibilitySeconds: number): Delivery {
    const nowMs = this.#context.clock.nowMs();
    message.delivery += 1;
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= nowMs;
    message.receivedAtMs = nowMs;
    if (message.state !== 'gone') {
      this.#hide(message, 'in flight', nowMs + visibilitySeconds * 1000);
      if (this.faults.happens('duplicate')) this.#again.push(message);
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
    this.#remove(message);
    message.movedFrom = this.arn;
    message.delivery = 0;
    target.add(message);
    this.#context.arrived(target, message);
    target.#answerPolls();
    return true;
  }

  #show(message: Message): void {
    this.#enter(message, 'visible');
    this.#visible.push(message);
  }

  #hide(message: Message, state: 'delayed' | 'in flight', dueMs: number): void {
    this.#enter(message, state);
    this.#due.push(dueMs, { message, stamp: message.stamp });
  }

  #remove(message: Message): void {
    this.#messages.delete(message.id);
    this.#enter(message, 'gone');
    this.#context.left(this, message);
  }

  #enter(message: Message, state: Message['state']): void {
    this.#counts[message.state] -= 1;
    this.#counts[state] += 1;
    message.state = state;
    message.stamp += 1;
  }

  /** Shows what is due, and removes what is too old. */
  #settle(): void {
    const nowMs = this.#context.clock.nowMs();
    for (let first = this.#due.first; first !== undefined; first = this.#due.first) {
      const { message, stamp } = first.value;
      const isCurrent = message.stamp === stamp;
      if (isCurrent && first.dueMs > nowMs) break;
      this.#due.pop();
      if (isCurrent) this.#show(message);
    }
    if (nowMs < this.#nextExpiryCheckMs) return;
    this.#nextExpiryCheckMs = nowMs + EXPIRY_CHECK_MS;
    for (const message of this.#messages.values()) {
      if (!this.#isTooOld(message)) break;
      this.#remove(message);
    }
  }

  #isTooOld({ sentAtMs }: Message): boolean {
    return sentAtMs + this.#attributes.MessageRetentionPeriod * 1000 <= this.#context.clock.nowMs();
  }

  #answerPolls(): void {
    if (this.#polls.size === 0) return;
    this.#settle();
    for (const poll of this.#polls) {
      if (this.#counts.visible === 0 && this.#again.length === 0) break;
      if (this.#counts['in flight'] >= MAX_IN_FLIGHT) break;
      const deliveries = this.#take(poll);
      if (deliveries.length > 0) poll.end(deliveries);
    }
    this.#setTimer();
  }

  /** Wakes the long polls when the next message becomes visible. */
  #setTimer(): void {
    this.#cancelTimer();
    const { first } = this.#due;
    if (this.#polls.size === 0 || first === undefined) return;
    this.#cancelTimer = this.#context.clock.at(first.dueMs, () => this.#answerPolls());
  }
}

/** Node joins a UUID from pieces, and V8 keeps the pieces: about 450 bytes for each of a million messages. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
