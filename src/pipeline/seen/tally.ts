import { type BytesSeen, type CountSeen, SCALAR_KINDS, type ScalarSeen, TEXT_FORMS } from './seen.ts';

/**
 * What a value can add to its column's record, as bits that are or-ed together. Booleans that hold for *every*
 * value are kept as their opposite, which holds for *some*.
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

/** What one column showed, while it is being counted: one shape for every form, so that adding stays fast. */
export class Tally {
  traits = 0;
  /** Largest amount. */
  most = 0;
  mostIntegerDigits = 0;
  mostScale = 0;
  /** How many values, and the sum of their amounts. */
  values = 0;
  sum = 0;
}

/** The amounts of a scalar are bytes of its text. */
export function scalarSeen(tally: Tally): ScalarSeen {
  return {
    kinds: SCALAR_KINDS.filter((kind) => tally.traits & Trait[kind]),
    textForms: TEXT_FORMS.filter((form) => tally.traits & Trait[form]),
    maxBytes: tally.most,
    maxIntegerDigits: tally.mostIntegerDigits,
    maxScale: tally.mostScale,
    allInt64: (tally.traits & Trait.NOT_INT64) === 0,
    hasExponent: (tally.traits & Trait.EXPONENT) !== 0,
    values: tally.values,
    textBytes: tally.sum,
  };
}

/** The amounts are bytes. */
export function bytesSeen(tally: Tally): BytesSeen {
  return { maxBytes: tally.most, values: tally.values };
}

/** The amounts are lengths of lists and sets. */
export function countSeen(tally: Tally): CountSeen {
  return { values: tally.values, members: tally.sum };
}

/** One value, noted but not yet added to its tally. */
class Note {
  tally = new Tally();
  traits = 0;
  amount = 0;
  integerDigits = 0;
  scale = 0;
}

/**
 * The values of the item in hand. They are added to their tallies only once the whole item has been looked at,
 * because an item that is set aside must leave no trace. Notes are used again for the next item.
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
  }

  /** Adds every note to its tally, and forgets them. */
  add(): void {
    for (let i = 0; i < this.#length; i++) {
      const { tally, traits, amount, integerDigits, scale } = this.#notes[i] as Note;
      tally.traits |= traits;
      if (amount > tally.most) tally.most = amount;
      if (integerDigits > tally.mostIntegerDigits) tally.mostIntegerDigits = integerDigits;
      if (scale > tally.mostScale) tally.mostScale = scale;
      tally.values++;
      tally.sum += amount;
    }
    this.#length = 0;
  }
}
