import type { Clock } from '../../clients/clock.ts';

/** How many seconds' worth of unused units may be saved up: 1.5 s of a minute are 2.5% of it. */
const SAVED_SECONDS = 1.5;

interface Waiting {
  readonly units: number;
  readonly grant: () => void;
}

/**
 * The read units that one worker may spend on one run: a token bucket, shared by all segments that the worker scans for
 * it. Units are taken before a page is read, first come, first served, so that the rate holds from the first page on.
 * Nothing is saved up before the first page.
 */
export class ReadBudget {
  readonly #unitsPerSecond: number;
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #share = 1;
  /** Negative if pages cost more than was taken for them. */
  #balance = 0;
  #countedMs: number;
  #isTimed = false;

  /** @param unitsPerSecond for the whole run */
  constructor(unitsPerSecond: number, clock: Clock) {
    this.#unitsPerSecond = unitsPerSecond;
    this.#clock = clock;
    this.#countedMs = clock.nowMs();
  }

  get share(): number {
    return this.#share;
  }

  /** The part of the run's rate that is this worker's, above 0 and at most 1, from now on. */
  set share(share: number) {
    this.#accrue();
    this.#share = share;
  }

  /** Waits until this many units may be spent. @throws the signal's reason if it aborts first; then nothing is spent. */
  take(units: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal.reason);
        this.#grant();
      };
      const waiting: Waiting = {
        units,
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
      this.#grant();
    });
  }

  /** Corrects what was taken for a page once its cost is known. @param more units beyond those taken; may be negative */
  correct(more: number): void {
    this.#accrue();
    // What comes back is saved within the same limit, or a page that cost far less than expected would start a burst.
    this.#balance = Math.min(this.#balance - more, Math.max(this.#balance, SAVED_SECONDS * this.#perSecond));
    this.#grant();
  }

  get #perSecond(): number {
    return this.#unitsPerSecond * this.#share;
  }

  #accrue(): void {
    const nowMs = this.#clock.nowMs();
    const most = Math.max(SAVED_SECONDS * this.#perSecond, this.#queue[0]?.units ?? 0);
    const earned = ((nowMs - this.#countedMs) / 1000) * this.#perSecond;
    this.#balance = Math.max(this.#balance, Math.min(most, this.#balance + earned));
    this.#countedMs = nowMs;
  }

  #grant(): void {
    this.#accrue();
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#balance < first.units) break;
      this.#queue.shift();
      this.#balance -= first.units;
      first.grant();
    }
    const [first] = this.#queue;
    if (first === undefined || this.#isTimed) return;
    this.#isTimed = true;
    // The share may change in the meantime, so look again soon.
    const waitMs = Math.min(1000, ((first.units - this.#balance) / this.#perSecond) * 1000);
    this.#clock.after(Math.max(1, Math.ceil(waitMs)), () => {
      this.#isTimed = false;
      this.#grant();
    });
  }
}
