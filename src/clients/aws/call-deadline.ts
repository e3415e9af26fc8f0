import type { Readable } from 'node:stream';

/** The methods of a client's middleware stack that are used here. */
interface Stack {
  add(step: Step, where: { name: string; step: 'deserialize'; priority: 'low' }): void;
}
type Step = (next: (args: unknown) => Promise<Result>) => (args: unknown) => Promise<Result>;
interface Result {
  readonly response: { readonly body?: Readable };
}

/**
 * Sets a deadline for every attempt of a client's calls. If the complete response has not arrived by then, the attempt
 * fails and the SDK retries. The SDK's own limits cover only silence and the time to the first byte, so a response that
 * trickles in passes them all. The time before an attempt is sent, for rate limiting by us or the SDK, does not count.
 */
export function limitAttempts<Client extends { readonly middlewareStack: object }>(
  client: Client,
  seconds: number,
): Client {
  (client.middlewareStack as Stack).add(
    (next) => async (args) => {
      const timedOut = Promise.withResolvers<never>();
      let body: Readable | undefined;
      const timer = setTimeout(() => {
        const error = Object.assign(new Error(`no complete response within ${seconds} s`), {
          name: 'TimeoutError',
        });
        timedOut.reject(error);
        body?.destroy(error);
      }, seconds * 1000).unref();
      try {
        const result = await Promise.race([next(args), timedOut.promise]);
        // From here on, the deadline ends the body, and nothing awaits this promise.
        timedOut.promise.catch(() => {});
        body = result.response.body;
        body?.once('close', () => clearTimeout(timer));
        return result;
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    },
    { name: 'limitAttempts', step: 'deserialize', priority: 'low' },
  );
  return client;
}
