/** A first-in, first-out queue of callers that wait. A caller whose signal is aborted leaves the queue. */
export class WaitQueue {
  readonly #waiting = new Set<() => void>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Joins the queue and waits to be released. @throws the signal's reason if it is aborted first. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = () => {
        this.#waiting.delete(release);
        reject(signal?.reason);
      };
      const release = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.add(release);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  releaseFirst(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first();
  }
}
