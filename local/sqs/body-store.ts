const SLAB_BYTES = 1024 * 1024;

/** A text outside V8's heap, which a million bodies would otherwise fill. */
export class StoredText {
  readonly #slab: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(slab: Buffer, start: number, end: number) {
    this.#slab = slab;
    this.#start = start;
    this.#end = end;
  }

  /** As UTF-8. */
  get bytes(): Buffer {
    return this.#slab.subarray(this.#start, this.#end);
  }

  get text(): string {
    return this.#slab.toString('utf8', this.#start, this.#end);
  }
}

/** Stores texts in slabs. A slab is freed with the last of its texts. */
export class BodyStore {
  #slab = Buffer.alloc(0);
  #used = 0;

  store(text: string): StoredText {
    const bytes = Buffer.byteLength(text);
    if (bytes > SLAB_BYTES / 4) return new StoredText(Buffer.from(text), 0, bytes);
    if (this.#used + bytes > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#slab.write(text, start);
    return new StoredText(this.#slab, start, this.#used);
  }
}
