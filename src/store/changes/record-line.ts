import type { Buffer } from 'node:buffer';
import { ByteReader, WRITTEN_OTHERWISE } from '../../transcode/byte-reader.ts';
import { OPEN_BRACE } from '../../transcode/bytes.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const KIND = bytesOf('kind');
const KEY = bytesOf('key');
const IMAGE = bytesOf('image');
const FILTERED = bytesOf('filtered');
const KINDS = ['INSERT', 'MODIFY', 'REMOVE'].map((kind) => bytesOf(`"${kind}"`));
const REMOVE = 2;
const TRUE = bytesOf('true');

/** Finds, in the bytes of a change's line, what an apply needs of it, without parsing the images. */
export class RecordLine {
  keyStart = 0;
  keyEnd = 0;
  /** Of the item after the change; 0 if there is none. */
  imageStart = 0;
  imageEnd = 0;
  isRemoved = false;
  isFiltered = false;
  #hasKind = false;
  readonly #reader = new ByteReader();

  /**
   * @param end the index after the line, without its line feed
   * @returns false if it is not written as the log's lines are, or is no change: a parser has to read it
   */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.keyStart = this.keyEnd = this.imageStart = this.imageEnd = 0;
    this.isRemoved = this.isFiltered = this.#hasKind = false;
    const reader = this.#reader;
    reader.turnTo(bytes, start, end);
    try {
      reader.members(this.#take);
    } catch (error) {
      if (error !== WRITTEN_OTHERWISE) throw error;
      return false;
    }
    return reader.at === end && this.#hasKind && this.keyEnd > 0;
  }

  readonly #take = (): void => {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.isNamed(IMAGE)) {
      this.#skipItem();
      this.imageStart = start;
      this.imageEnd = reader.at;
    } else if (reader.isNamed(KEY)) {
      this.#skipItem();
      this.keyStart = start;
      this.keyEnd = reader.at;
    } else if (reader.isNamed(KIND)) {
      const kind = KINDS.findIndex((each) => reader.isValue(each));
      if (kind < 0) throw WRITTEN_OTHERWISE;
      this.isRemoved = kind === REMOVE;
      this.#hasKind = true;
      reader.skip();
    } else {
      if (reader.isNamed(FILTERED)) {
        if (!reader.isValue(TRUE)) throw WRITTEN_OTHERWISE;
        this.isFiltered = true;
      }
      reader.skip();
    }
  };

  #skipItem(): void {
    if (this.#reader.first !== OPEN_BRACE) throw WRITTEN_OTHERWISE;
    this.#reader.skip();
  }
}
