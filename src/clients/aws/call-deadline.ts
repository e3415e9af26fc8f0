import type { Readable } from 'node:stream';

/** The part used of a client's middleware stack. */
interface Stack {
  add(step: Step, where: { name: string; step: 'deserialize'; priority: 'low' }): void;
}
type Step = (next: (args: unknown) => Promise<Answered>) => (args: unknown) => Promise<Answered>;
interface Answered {
  readonly response: { readonly body?: Readable };
}

/**
 * Gives every attempt of a client's calls so long until its answer has come whole; then it fails, and the SDK tries
 * again. The SDK's own limits tell of silence and of the time to the first byte: an answer that drips passes them all.
 * What an attempt waits for before it is sent, its turn or the SDK's slower pace, does not count.
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
        const error = Object.assign(new Error(`no whole answer within ${seconds} s`), {
          name: 'TimeoutError',
        });
        timedOut.reject(error);
        body?.destroy(error);
      }, seconds * 1000).unref();
      try {
        const answered = await Promise.race([next(args), timedOut.promise]);
        // Nobody awaits the deadline any more, but whoever reads the body.
        timedOut.promise.catch(() => {});
        body = answered.response.body;
        body?.once('close', () => clearTimeout(timer));
        return answered;
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    },
    { name: 'limitAttempts', step: 'deserialize', priority: 'low' },
  );
  return client;
}
