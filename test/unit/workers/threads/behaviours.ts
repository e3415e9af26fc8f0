import { setTimeout } from 'node:timers/promises';
import { Terminal, Transient } from '../../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { Refusal } from '../../../../src/pipeline/failure/refusal.ts';
import { Plan } from '../../../../src/pipeline/run/plan.ts';
import { serveSegments } from '../../../../src/workers/threads/serve-segments.ts';

/**
 * An extraction thread whose bucket does what its name says when the first object of a segment, the run's plan, is read.
 */
const BEHAVIOURS: Readonly<Record<string, (signal: AbortSignal) => Promise<never>>> = {
  terminal: async () => {
    throw new Terminal('AccessDenied', 'no entry', { cause: new Error('403') });
  },
  transient: async () => {
    throw new Transient('NetworkFailed', 'no line');
  },
  refusal: async () => {
    throw new Refusal('KeyChanged', 'another key');
  },
  invalid: async () => {
    throw Plan.safeParse({ version: 1 }).error;
  },
  unforeseen: async () => {
    throw Object.assign(new TypeError('undefined is not a page', { cause: 'a text' }), { name: 'PageError' });
  },
  uncaught: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new RangeError('caught by no one');
      });
    }),
  endless: () => {
    for (;;);
  },
  hungry: async () => {
    let kept: unknown;
    for (;;) kept = { kept, more: Array.from({ length: 1_000 }, (_, i) => ({ i })) };
  },
  ending: () => process.exit(3),
  /** Until the activity is cancelled. */
  patient: (signal) => setTimeout(2 ** 30, undefined as never, { signal }),
};

const none = async (): Promise<never> => {
  throw new Error('not used');
};

serveSegments({
  source: { describe: none, scanPage: none },
  store: (bucket) =>
    ({
      bucket,
      get: (_key: string, { signal }: { signal: AbortSignal }) => BEHAVIOURS[bucket]!(signal),
    }) as unknown as ObjectStore,
});
