/**
 * A sequence number: here a whole number below 10^20, which clients see as a decimal text of 21 digits. Clients may only
 * compare them.
 */
export type Sequence = number;

const FIRST_DIGIT = '1';

export const sequenceText = (sequence: Sequence): string =>
  `${FIRST_DIGIT}${String(sequence).padStart(20, '0')}`;

/** Undefined if the text is not a sequence number of this server. */
export function sequenceOf(text: string): Sequence | undefined {
  return /^1\d{20}$/.test(text) ? Number(text.slice(1)) : undefined;
}

/** Gives ascending numbers. Those of a later start are greater: they begin with the time, in microseconds. */
export class SequenceNumbers {
  #last: Sequence;

  /** @param atLeast the last one of an earlier start */
  constructor(nowMs: number, atLeast: Sequence = 0) {
    this.#last = Math.max(nowMs * 1000, atLeast);
  }

  get last(): Sequence {
    return this.#last;
  }

  next(): Sequence {
    this.#last += 1;
    return this.#last;
  }
}
