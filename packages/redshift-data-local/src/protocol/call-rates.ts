import type { Clock } from '../statements/clock.ts';
import type { Limits } from '../statements/limits.ts';
import { ServiceError } from './service-error.ts';

/** Calls per second by operation: a bucket of one second's calls that refills evenly. */
export class CallRates {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { calls: number; at: number }>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @throws ThrottlingException if the operation has been called too often. */
  take(operation: string): void {
    const perSecond = this.#limits.callsPerSecond[operation];
    if (perSecond === undefined) return;
    const now = this.#clock.now();
    const most = Math.max(1, perSecond);
    const bucket = this.#buckets.get(operation) ?? { calls: most, at: now };
    const calls = Math.min(most, bucket.calls + (now - bucket.at) * perSecond);
    this.#buckets.set(operation, { calls: calls < 1 ? calls : calls - 1, at: now });
    if (calls < 1) throw new ServiceError('ThrottlingException', 'Rate exceeded');
  }
}
