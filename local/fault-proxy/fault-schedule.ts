import { damageBytes, damageJson } from './damage.ts';
import type { Fault } from './fault.ts';
import { seededFraction, seededInteger } from './seeded.ts';
import { type Service, serverError, throttled } from './services.ts';

/** The kinds of faults in a schedule: keys of the counts and of the rates. */
export const FAULT_KINDS = [
  'latency',
  'throttled',
  'server error',
  'reset',
  'cut',
  'damaged',
  'answer lost',
  'drip',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The fraction of a service's requests that get each kind of fault. The sum is at most 1. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

/** Operations whose answers have a checksum that clients verify. */
const CHECKED: readonly string[] = ['Scan', 'GetObject'];

interface FaultScheduleOptions {
  readonly service: Service;
  readonly seed: number;
  readonly rates: FaultRates;
  /** Upper limit of the time of `latency` and `drip`. */
  readonly maxLatencyMilliseconds?: number;
}

/**
 * Decides which request gets which fault, from the seed, the operation and the number of earlier requests for that
 * operation. So a seed gives the same schedule as long as the clients make the same requests in the same order.
 */
export class FaultSchedule {
  /** How many faults of each kind were injected. */
  readonly injected: Record<FaultKind, number>;
  readonly #options: FaultScheduleOptions;
  readonly #ordinals = new Map<string, number>();
  #stopped = false;

  constructor(options: FaultScheduleOptions) {
    this.#options = options;
    this.injected = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  /** The fault for the next request of this operation. */
  next(operation: string): Fault {
    const ordinal = (this.#ordinals.get(operation) ?? 0) + 1;
    this.#ordinals.set(operation, ordinal);
    if (this.#stopped) return { kind: 'none' };
    const kind = this.kindOf(operation, ordinal);
    if (kind === undefined) return { kind: 'none' };
    this.injected[kind]++;
    return this.#fault(kind, operation, ordinal);
  }

  /**
   * The kind of fault for the n-th request (from 1) of an operation; undefined for none. Only answers with a checksum
   * are ever damaged. Other damage could not be detected here; on a real network, TLS would detect it.
   */
  kindOf(operation: string, ordinal: number): FaultKind | undefined {
    const { service, seed, rates } = this.#options;
    let left = seededFraction(seed, service, operation, ordinal);
    for (const kind of FAULT_KINDS) {
      left -= rates[kind] ?? 0;
      if (left < 0) return kind === 'damaged' && !CHECKED.includes(operation) ? 'cut' : kind;
    }
    return undefined;
  }

  /** Stops injecting faults. */
  stop(): void {
    this.#stopped = true;
  }

  #fault(kind: FaultKind, operation: string, ordinal: number): Fault {
    const { service, seed, maxLatencyMilliseconds = 200 } = this.#options;
    const where = seededFraction(seed, service, operation, ordinal, 'where');
    const milliseconds = seededInteger(1, maxLatencyMilliseconds, seed, service, operation, ordinal, 'ms');
    switch (kind) {
      case 'latency':
      case 'drip':
        return { kind, milliseconds };
      case 'throttled':
        return { kind: 'refused', refusal: throttled(service, operation) };
      case 'server error':
        return { kind: 'refused', refusal: serverError(service) };
      case 'cut':
        return { kind, afterBytes: Math.floor(where * 200) };
      case 'damaged':
        return service === 'dynamodb'
          ? { kind, damage: (body) => damageJson(body, where) }
          : { kind, damage: (body) => damageBytes(body, where) };
      case 'reset':
      case 'answer lost':
        return { kind };
    }
  }
}
