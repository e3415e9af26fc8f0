import type { Tally } from '../pipeline/seen/tally.ts';

const NUMBERS_PER_NOTE = 4;
const FIRST_NOTES = 1024;

/**
 * What the values of the current item add to their tallies once the whole item is written: the journal of
 * `pipeline/seen/tally.ts`, without an object per value.
 */
export class Notes {
  #tallies: Tally[] = [];
  #numbers = new Int32Array(FIRST_NOTES * NUMBERS_PER_NOTE);
  #length = 0;

  /** See `Trait` and `Tally` for what the numbers mean. */
  note(tally: Tally, traits: number, amount: number, integerDigits: number, scale: number): void {
    const at = this.#length * NUMBERS_PER_NOTE;
    if (at === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    this.#tallies[this.#length++] = tally;
    numbers[at] = traits;
    numbers[at + 1] = amount;
    numbers[at + 2] = integerDigits;
    numbers[at + 3] = scale;
  }

  forget(): void {
    this.#length = 0;
  }

  /** Adds every note to its tally, then clears the notes. */
  add(): void {
    const numbers = this.#numbers;
    for (let i = 0, at = 0; i < this.#length; i++, at += NUMBERS_PER_NOTE) {
      (this.#tallies[i] as Tally).add(
        numbers[at] as number,
        numbers[at + 1] as number,
        numbers[at + 2] as number,
        numbers[at + 3] as number,
      );
    }
    this.#length = 0;
  }

  #grow(): void {
    const grown = new Int32Array(this.#numbers.length * 2);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }
}
