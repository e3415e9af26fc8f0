/** Taken from the front of the array before it is copied. */
const MAX_TAKEN = 1024;

/** First in, first out, or at random; every operation takes constant time on average. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** @param fraction from 0 to below 1: how far behind the front the item is. Default: the front. */
  take(fraction = 0): T | undefined {
    if (this.length === 0) return undefined;
    const at = this.#taken + Math.floor(fraction * this.length);
    const item = this.#items[at];
    this.#items[at] = this.#items[this.#taken];
    this.#items[this.#taken] = undefined;
    this.#taken += 1;
    if (this.#taken > MAX_TAKEN && this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
