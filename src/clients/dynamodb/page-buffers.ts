import type { Readable } from 'node:stream';
import { freeMemory } from '../../memory/free-memory.ts';
import { forEachChunk } from '../aws/raw-response.ts';

/** The most buffers kept for later pages: as many as a thread's segments read at once. */
const MAX_FREE = 8;
/** A page is rarely larger than this; what is, is not kept. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const STEP_BYTES = 256 * 1024;

/**
 * Memory for pages, used again and again: the kernel provides none for each page, and V8, which counts memory outside of
 * its heap as well, collects garbage less often.
 */
export class PageBuffers {
  readonly #free: Buffer[] = [];

  /**
   * Reads a response's body. Its chunks must belong to the caller alone: their memory is freed.
   * @param expectedBytes as the response's headers say; a body may be longer
   * @throws what the stream fails with
   */
  async read(body: Readable, expectedBytes: number): Promise<Buffer> {
    let whole = this.#take(Math.min(expectedBytes, MAX_KEPT_BYTES - 1));
    let length = 0;
    try {
      await forEachChunk(body, (chunk) => {
        if (length + chunk.length > whole.length) whole = this.#grown(whole, length, length + chunk.length);
        length += chunk.copy(whole, length);
        freeMemory(chunk);
      });
    } catch (error) {
      this.release(whole);
      throw error;
    }
    return whole.subarray(0, length);
  }

  /** Takes back what `read` returned: its bytes will be overwritten. */
  release(page: Buffer): void {
    const whole = Buffer.from(page.buffer);
    if (this.#free.length < MAX_FREE && whole.length <= MAX_KEPT_BYTES) this.#free.push(whole);
  }

  #grown(full: Buffer, length: number, needed: number): Buffer {
    const grown = this.#take(Math.max(needed, 2 * full.length));
    full.copy(grown, 0, 0, length);
    this.release(full);
    return grown;
  }

  #take(length: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= length);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer;
    // Not from Node's pool, so that the buffer is all of its memory.
    return Buffer.allocUnsafeSlow(Math.ceil((length + 1) / STEP_BYTES) * STEP_BYTES);
  }
}
