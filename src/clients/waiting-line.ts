/** Those who wait for something: who came first is called first, and whose signal is aborted leaves. */
export class WaitingLine {
  readonly #waiting = new Set<() => void>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Waits until called. @throws the signal's reason once it is aborted: then nobody will call. */
  join(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = () => {
        this.#waiting.delete(call);
        reject(signal?.reason);
      };
      const call = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.add(call);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  callFirst(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first();
  }
}
