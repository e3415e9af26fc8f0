import { WaitingLine } from './waiting-line.ts';

/** So many transactions may be under way at once; who came first goes first. */
export class StatementSlots {
  readonly #limit: () => number;
  readonly #line = new WaitingLine();
  #taken = 0;

  /** @param limit asked anew each time; where it has become less, nothing that is under way is ended. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Runs `work` in a slot, once there is one. @throws the signal's reason when it is aborted before. */
  async inSlot<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const called = this.#line.join(signal);
    this.fill();
    await called;
    try {
      return await work();
    } finally {
      this.#taken--;
      this.fill();
    }
  }

  /** Lets in as many as there is room for: to be called when the limit may have grown. */
  fill(): void {
    while (!this.#line.isEmpty && this.#taken < this.#limit()) {
      this.#taken++;
      this.#line.callFirst();
    }
  }
}
