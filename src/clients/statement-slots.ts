import { WaitingLine } from './waiting-line.ts';

/**
 * So many transactions may be under way at once; who came first goes first. What takes seconds has a part of them to
 * itself: behind loads of hours, a run could not even be planned.
 */
export class StatementSlots {
  readonly #limit: () => number;
  readonly #short = new WaitingLine();
  readonly #long = new WaitingLine();
  #taken = 0;
  #takenByLong = 0;

  /** @param limit asked anew each time; where it has become less, nothing that is under way is ended. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /**
   * Runs `work` in a slot, once there is one. @throws the signal's reason when it is aborted before.
   * @param takes long where it may be minutes and more
   */
  async inSlot<T>(work: () => Promise<T>, takes: 'long' | 'short', signal?: AbortSignal): Promise<T> {
    const isLong = takes === 'long';
    const called = (isLong ? this.#long : this.#short).join(signal);
    this.fill();
    await called;
    try {
      return await work();
    } finally {
      this.#taken--;
      if (isLong) this.#takenByLong--;
      this.fill();
    }
  }

  /** Lets in as many as there is room for: to be called when the limit may have grown. */
  fill(): void {
    const limit = this.#limit();
    const limitOfLong = limit - keptForShort(limit);
    for (; this.#taken < limit && !this.#short.isEmpty; this.#taken++) this.#short.callFirst();
    while (this.#taken < limit && this.#takenByLong < limitOfLong && !this.#long.isEmpty) {
      this.#taken++;
      this.#takenByLong++;
      this.#long.callFirst();
    }
  }
}

/** An eighth, at least one, unless there is only one. */
const keptForShort = (limit: number) => (limit < 2 ? 0 : Math.max(1, Math.floor(limit / 8)));
