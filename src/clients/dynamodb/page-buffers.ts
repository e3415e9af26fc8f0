/** The most buffers kept for later pages: as many as a thread's segments read at once. */
const MAX_FREE = 8;
/** A page is rarely larger than this; what is, is not kept. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const STEP_BYTES = 256 * 1024;

/**
 * Memory for pages, used again and again. A new buffer for every page makes V8 collect garbage in the whole heap after
 * every few pages, because it counts memory outside of the heap as well.
 */
export class PageBuffers {
  readonly #free: Buffer[] = [];

  /** The chunks as one buffer. */
  join(chunks: readonly Buffer[]): Buffer {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const whole = this.#take(length);
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(whole, at);
    return whole.subarray(0, length);
  }

  /** Takes back what `join` returned: its bytes will be overwritten. */
  release(page: Buffer): void {
    const whole = Buffer.from(page.buffer);
    if (this.#free.length < MAX_FREE && whole.length <= MAX_KEPT_BYTES) this.#free.push(whole);
  }

  #take(length: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= length);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer;
    // Not from Node's pool, so that the buffer is all of its memory.
    return Buffer.allocUnsafeSlow(Math.ceil((length + 1) / STEP_BYTES) * STEP_BYTES);
  }
}
