import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import { controlSqs } from '../../../local/stack/control-sqs.ts';
import type { MessageQueue } from '../../../src/clients/message-queue.ts';
import { createSqsMessageQueue, sqsClient } from '../../../src/clients/sqs/sqs-message-queue.ts';
import type { ChaosStack } from '../chaos-stack.ts';

/** A message may be received this often before it would count as poison: far more than any schedule needs. */
const MOST_RECEIVES = 1000;

/** The queue that events of a schedule's files go to, and what happens to its messages. */
export class Announcements {
  readonly url: string;
  expired = 0;
  readonly #queue: MessageQueue;
  readonly #dead: MessageQueue;
  readonly #endpoint: string;
  readonly #name: string;
  readonly #remove: () => Promise<void>;

  /**
   * @param prefix of the files that are announced
   * @param faults see `local/sqs/README.md`
   */
  static async create(
    stack: ChaosStack,
    name: string,
    prefix: string,
    faults: object,
  ): Promise<Announcements> {
    const { addresses } = stack;
    const made = await createAnnouncedQueue(addresses, { name, prefix, maxReceiveCount: MOST_RECEIVES });
    const client = sqsClient(made.url, {
      endpoint: addresses.sqs.endpoint,
      region: addresses.dynamodb.region,
    });
    const of = (url: string) => createSqsMessageQueue({ client, url });
    const announcements = new Announcements({
      url: made.url,
      queue: of(made.url),
      dead: of(made.deadLetterUrl),
      endpoint: addresses.sqs.endpoint,
      name,
      remove: async () => {
        await made.remove();
        client.destroy();
      },
    });
    await controlSqs(addresses.sqs.endpoint, { method: 'PUT', path: `faults/${name}`, body: faults });
    return announcements;
  }

  private constructor(parts: {
    readonly url: string;
    readonly queue: MessageQueue;
    readonly dead: MessageQueue;
    readonly endpoint: string;
    readonly name: string;
    readonly remove: () => Promise<void>;
  }) {
    this.url = parts.url;
    this.#queue = parts.queue;
    this.#dead = parts.dead;
    this.#endpoint = parts.endpoint;
    this.#name = parts.name;
    this.#remove = parts.remove;
  }

  /** Messages in the queue, received or not. */
  async left(): Promise<number> {
    const { visible, inFlight, delayed } = await this.#queue.counts();
    return visible + inFlight + delayed;
  }

  /** Messages that were given up. */
  async dead(): Promise<number> {
    return (await this.#dead.counts()).visible;
  }

  /** Makes all messages visible that a worker has received and not deleted, whether it is alive or not. */
  async expire(): Promise<void> {
    if ((await this.#queue.counts()).inFlight === 0) return;
    await controlSqs(this.#endpoint, { method: 'POST', path: `expire/${this.#name}` });
    this.expired++;
  }

  remove(): Promise<void> {
    return this.#remove();
  }
}
