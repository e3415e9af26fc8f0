import { DynamodbError } from './dynamodb-error.ts';

/** Lets one write at a time change a key, in the order of arrival. */
export class KeyLocks {
  /** The end of the last work that waits for a key or holds it. */
  readonly #last = new Map<string, Promise<void>>();
  #closed = false;

  /** Refuses new work, and waits for what has begun. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  /** Waits for the works that have begun so far. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  /** Performs work while it alone holds these keys. They are queued for all at once, so no two works wait for each other. */
  async holding<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new DynamodbError('InternalServerError', 'The local DynamoDB is stopping.');
    const earlier = keys.flatMap((key) => this.#last.get(key) ?? []);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    for (const key of keys) this.#last.set(key, ended);
    try {
      if (earlier.length > 0) await Promise.all(earlier);
      return await work();
    } finally {
      end();
      for (const key of keys) if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
