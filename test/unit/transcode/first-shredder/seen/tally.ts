import { type BytesSeen, type CountSeen, SCALAR_KINDS, type ScalarSeen, TEXT_FORMS } from './seen.ts';

/**
 * What a value can add to its column's record, as bits that are or-ed together. A property that must hold for *every*
 * value is recorded as its negation, which holds for *some* value.
 */
export const Trait = {
  S: 1,
  N: 2,
  B: 4,
  BOOL: 8,
  date: 16,
  timestamp: 32,
  other: 64,
  NOT_INT64: 128,
  EXPONENT: 256,
  emptyB: 512,
  JSON: 1024,
} as const;

/** The running totals of one column. All forms share one object shape, so that adding stays fast. */
export class Tally {
  /** The totals of odd items, which are not included here. Absent if no odd item had a value. */
  odd: Tally | undefined = undefined;
  traits = 0;
  maxAmount = 0;
  maxIntegerDigits = 0;
  maxScale = 0;
  values = 0;
  /** The sum of the values' amounts. */
  sum = 0;

  ofOdd(): Tally {
    this.odd ??= new Tally();
    return this.odd;
  }
}

/** Reads the amounts as bytes of the scalars' texts. */
export function scalarSeen(tally: Tally): ScalarSeen {
  return {
    kinds: SCALAR_KINDS.filter((kind) => tally.traits & Trait[kind]),
    textForms: TEXT_FORMS.filter((form) => tally.traits & Trait[form]),
    maxBytes: tally.maxAmount,
    maxIntegerDigits: tally.maxIntegerDigits,
    maxScale: tally.maxScale,
    allInt64: (tally.traits & Trait.NOT_INT64) === 0,
    hasExponent: (tally.traits & Trait.EXPONENT) !== 0,
    values: tally.values,
    textBytes: tally.sum,
  };
}

/** Reads the amounts as bytes. */
export function bytesSeen(tally: Tally): BytesSeen {
  return { maxBytes: tally.maxAmount, values: tally.values };
}

/** Reads the amounts as lengths of lists and sets. */
export function countSeen(tally: Tally): CountSeen {
  return { values: tally.values, members: tally.sum };
}

/** More notes than this, which few items need, are dropped after an item. */
const NOTES_KEPT = 10_000;

const NO_TALLY = new Tally();

/** One value that is noted but not yet added to its tally. */
class Note {
  tally = NO_TALLY;
  traits = 0;
  amount = 0;
  integerDigits = 0;
  scale = 0;
}

/**
 * The values of the current item. They are added to their tallies only after the whole item was read, because an item
 * that is set aside must leave no trace. The notes are reused for the next item.
 */
export class Journal {
  readonly #notes: Note[] = [];
  #length = 0;

  note(tally: Tally, traits: number, amount: number, integerDigits: number, scale: number): void {
    let note = this.#notes[this.#length];
    if (note === undefined) {
      note = new Note();
      this.#notes.push(note);
    }
    this.#length++;
    note.tally = tally;
    note.traits = traits;
    note.amount = amount;
    note.integerDigits = integerDigits;
    note.scale = scale;
  }

  forget(): void {
    this.#length = 0;
    if (this.#notes.length > NOTES_KEPT) this.#notes.length = NOTES_KEPT;
  }

  /** Adds every note to its tally, or to that of odd items, then clears the notes. */
  add(isOdd: boolean): void {
    for (let i = 0; i < this.#length; i++) {
      const note = this.#notes[i] as Note;
      const { traits, amount, integerDigits, scale } = note;
      const tally = isOdd ? note.tally.ofOdd() : note.tally;
      tally.traits |= traits;
      if (amount > tally.maxAmount) tally.maxAmount = amount;
      if (integerDigits > tally.maxIntegerDigits) tally.maxIntegerDigits = integerDigits;
      if (scale > tally.maxScale) tally.maxScale = scale;
      tally.values++;
      tally.sum += amount;
    }
    this.#length = 0;
    if (this.#notes.length > NOTES_KEPT) this.#notes.length = NOTES_KEPT;
  }
}
