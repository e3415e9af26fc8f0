import { Buffer } from 'node:buffer';
import { freeMemory } from '../../memory/free-memory.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Less than this is not worth moving the rest. */
const LEAST_UNUSED_BYTES = 4 * 1024 * 1024;

/** Some bytes that are held. They move when memory is freed. */
export interface Held {
  in: Buffer;
  start: number;
  end: number;
}

/**
 * Many short texts as bytes, outside of V8's heap: its collector need not look at them. The memory of those that were dropped
 * is used again once it is more than that of the others.
 */
export class HeldBytes {
  #blocks: Buffer[] = [];
  /** In the last block. */
  #used = 0;
  #unusedBytes = 0;
  #liveBytes = 0;

  /** The bytes of all that is held. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Copies the bytes between two indexes. */
  keep(from: Buffer, start: number, end: number): Held {
    const at = this.#place(end - start);
    from.copy(at.in, at.start, start, end);
    this.#liveBytes += end - start;
    return at;
  }

  drop({ start, end }: Held): void {
    this.#liveBytes -= end - start;
    this.#unusedBytes += end - start;
  }

  /** @param live all that are held */
  compact(live: () => Iterable<Held>): void {
    if (this.#unusedBytes < LEAST_UNUSED_BYTES || this.#unusedBytes < this.#liveBytes) return;
    const before = this.#blocks;
    this.#blocks = [];
    this.#used = 0;
    this.#unusedBytes = 0;
    for (const held of live()) {
      const at = this.#place(held.end - held.start);
      held.in.copy(at.in, at.start, held.start, held.end);
      Object.assign(held, at);
    }
    for (const block of before) freeMemory(block);
  }

  /** Frees all of it now. */
  discard(): void {
    for (const block of this.#blocks.splice(0)) freeMemory(block);
    this.#used = this.#unusedBytes = this.#liveBytes = 0;
  }

  #place(bytes: number): Held {
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#used + bytes > block.length) {
      block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
      this.#blocks.push(block);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes;
    return { in: block, start, end: this.#used };
  }
}
