/**
 * A set of a file's records, by their places in the file: small, and equal for equal sets. So a file that is read again shows whether a
 * partition has the same records of it as before, whatever their columns are now.
 */
export class RecordSet {
  #count = 0;
  #first = 0;
  #second = 0;

  /** @param place counted from 0; each once */
  add(place: number): void {
    this.#count++;
    this.#first = (this.#first + mixed(place + 1)) >>> 0;
    this.#second = (this.#second + mixed(place ^ 0x5bd1e995)) >>> 0;
  }

  get count(): number {
    return this.#count;
  }

  /** As documents keep it. */
  toString(): string {
    return `${this.#count}-${hex(this.#first)}${hex(this.#second)}`;
  }
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** The finalizer of MurmurHash3: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
