const GOLDEN = 0x9e3779b9;

/**
 * Random numbers that depend only on the seed (mulberry32). A benchmark makes hundreds of millions of them, which is too
 * many for a hash of each.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The numbers of one of many things that are made from one seed, in any order. */
  static of(seed: number, i: number): Random {
    const random = new Random(Math.imul(i + 1, GOLDEN) ^ Math.imul(seed + 1, 0x85ebca6b));
    random.#next();
    return random;
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor((this.#next() / 2 ** 32) * count);
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(fraction: number): boolean {
    return this.#next() < fraction * 2 ** 32;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.#next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
