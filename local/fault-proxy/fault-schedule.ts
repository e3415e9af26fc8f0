import { damageBytes, damageJson } from './damage.ts';
import type { Fault } from './fault.ts';
import { seededFraction, seededInteger } from './seeded.ts';
import { type Service, serverError, throttled } from './services.ts';

/** The kinds of faults of a schedule, as they are counted and as rates name them. */
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

/** How many of a service's requests meet each kind, as fractions whose sum is at most 1. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

/** Operations whose answers carry a checksum that clients look at. */
const CHECKED: readonly string[] = ['Scan', 'GetObject'];

interface FaultScheduleOptions {
  readonly service: Service;
  readonly seed: number;
  readonly rates: FaultRates;
  /** Longest wait of `latency` and longest time of a `drip`. */
  readonly maxLatencyMilliseconds?: number;
}

/**
 * Which request meets which fault: decided by the seed, the operation and how many of that operation came
 * before, so that one seed gives one schedule as far as the clients ask for the same in the same order.
 */
export class FaultSchedule {
  /** How many faults of each kind were given out. */
  readonly injected: Record<FaultKind, number>;
  readonly #options: FaultScheduleOptions;
  readonly #ordinals = new Map<string, number>();
  #stopped = false;

  constructor(options: FaultScheduleOptions) {
    this.#options = options;
    this.injected = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  /** What becomes of the next request of this operation. */
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
   * The kind that the n-th request (from 1) of an operation meets; undefined for none. Only what a checksum
   * guards is ever damaged: nobody could tell elsewhere, and on a real network TLS would.
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

  /** From now on requests pass as they are. */
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
