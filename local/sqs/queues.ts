import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Message } from './message.ts';
import { Queue, type QueueIdentity } from './queue.ts';
import { ATTRIBUTE_NAMES, attributeText, type QueueAttributes, withAttributes } from './queue-attributes.ts';
import { SqsError } from './sqs-error.ts';

/** Records what has to outlive the server. */
export interface QueueLog {
  created(queue: Queue): void;
  deleted(queue: Queue): void;
  arrived(queue: Queue, message: Message): void;
  left(queue: Queue, message: Message): void;
}

/** The queues of a server, by name. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #clock: Clock;
  #log: QueueLog | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on, changes are recorded there. */
  logTo(log: QueueLog): void {
    this.#log = log;
  }

  /** @throws SqsError `QueueNameExists` if there is one with other attributes */
  create(name: string, given: Readonly<Record<string, string>>): Queue {
    if (name.endsWith('.fifo') || given.FifoQueue === 'true')
      throw new SqsError('UnsupportedOperation', 'The local SQS has standard queues only, no FIFO queues.');
    if (!/^[\w-]{1,80}$/.test(name))
      throw new SqsError(
        'InvalidParameterValue',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
      );
    const existing = this.#queues.get(name);
    const attributes = withAttributes(given, existing?.attributes);
    this.#checkTarget(attributes);
    if (existing === undefined) {
      const id = randomBytes(6).toString('hex');
      const queue = this.restore({ name, id, createdAtMs: this.#clock.nowMs() }, attributes);
      this.#log?.created(queue);
      return queue;
    }
    const other = ATTRIBUTE_NAMES.find(
      (each) => attributeText(attributes, each) !== attributeText(existing.attributes, each),
    );
    if (other !== undefined)
      throw new SqsError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${other}`,
      );
    return existing;
  }

  /** A queue that was read from disk. */
  restore(identity: QueueIdentity, attributes: QueueAttributes): Queue {
    const queue = new Queue(identity, attributes, {
      clock: this.#clock,
      byArn: (arn) => this.byArn(arn),
      arrived: (at, message) => this.#log?.arrived(at, message),
      left: (at, message) => this.#log?.left(at, message),
    });
    this.#queues.set(identity.name, queue);
    return queue;
  }

  setAttributes(queue: Queue, given: Readonly<Record<string, string>>): void {
    const attributes = withAttributes(given, queue.attributes);
    this.#checkTarget(attributes);
    queue.attributes = attributes;
    this.#log?.created(queue);
  }

  /** @throws SqsError `QueueDoesNotExist` */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(arn.slice(arn.lastIndexOf(':') + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  delete(queue: Queue): void {
    this.#queues.delete(queue.name);
    queue.close();
    this.#log?.deleted(queue);
  }

  /** In the order of their names. */
  all(): readonly Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }

  #checkTarget({ RedrivePolicy: policy }: QueueAttributes): void {
    if (policy === '' || this.byArn(policy.deadLetterTargetArn) !== undefined) return;
    throw new SqsError(
      'InvalidParameterValue',
      `Value ${JSON.stringify(policy)} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    );
  }
}
