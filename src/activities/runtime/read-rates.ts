import type { Clock } from '../../clients/clock.ts';
import { ReadBudget } from './read-budget.ts';

/** How long until the running segments are counted again. It doubles while nothing changes. */
const COUNT_AGAIN_MS = { first: 1_000, most: 8_000 };

/** It does not keep a worker alive that has stopped. */
const BACKGROUND_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after(waitMs, call) {
    setTimeout(call, waitMs).unref();
  },
};

interface Shared {
  readonly budget: ReadBudget;
  /** The segments that this worker scans. */
  readonly own: Set<string>;
  /** All running segments of the run, as counted last. */
  running: number;
  count: (own: ReadonlySet<string>) => Promise<number>;
  waitMs: number;
  isFollowed: boolean;
}

export interface ReadRateOf {
  /** The run or inference, unique in the Temporal namespace. */
  readonly run: string;
  readonly unitsPerSecond: number;
  /** This segment's workflow id. */
  readonly segment: string;
  /** Segments to assume if they cannot be counted. */
  readonly atMost: number;
  /** Counts the segments of the run that are running now, on all workers; those given are. */
  readonly count: (own: ReadonlySet<string>) => Promise<number>;
}

/**
 * The read rates of all runs that this worker scans for. A run's rate is divided equally among the segments that are
 * really running, wherever they are: each worker counts them at once when it starts or ends one, and at intervals, and
 * takes as many parts as it scans segments.
 */
export class ReadRates {
  readonly #clock: Clock;
  readonly #shared = new Map<string, Shared>();

  constructor(clock: Clock = BACKGROUND_CLOCK) {
    this.#clock = clock;
  }

  /** Adds a segment. Await it before the first page, so that its worker's share is right from the beginning. */
  async join({ run, unitsPerSecond, segment, atMost, count }: ReadRateOf): Promise<ReadBudget> {
    const shared = this.#shared.get(run) ?? {
      budget: new ReadBudget(unitsPerSecond, this.#clock),
      own: new Set(),
      running: atMost,
      count,
      waitMs: COUNT_AGAIN_MS.first,
      isFollowed: false,
    };
    this.#shared.set(run, shared);
    shared.own.add(segment);
    // The newest one's client and parent: those of an earlier activity may be gone.
    shared.count = count;
    await this.#recount(shared);
    this.#follow(run, shared);
    return shared.budget;
  }

  leave(run: string, segment: string): void {
    const shared = this.#shared.get(run);
    if (shared === undefined) return;
    shared.own.delete(segment);
    if (shared.own.size === 0) this.#shared.delete(run);
    else void this.#recount(shared);
  }

  async #recount(shared: Shared): Promise<void> {
    const { own, running: before } = shared;
    try {
      shared.running = await shared.count(own);
    } catch {
      // Temporal does not answer: what was counted last still holds.
    }
    shared.running = Math.max(shared.running, own.size, 1);
    if (shared.running !== before) shared.waitMs = COUNT_AGAIN_MS.first;
    if (own.size > 0) shared.budget.share = own.size / shared.running;
  }

  #follow(run: string, shared: Shared): void {
    if (shared.isFollowed) return;
    shared.isFollowed = true;
    const again = () => {
      this.#clock.after(shared.waitMs, () => {
        if (this.#shared.get(run) !== shared) return;
        shared.waitMs = Math.min(2 * shared.waitMs, COUNT_AGAIN_MS.most);
        void this.#recount(shared).then(again);
      });
    };
    again();
  }
}
