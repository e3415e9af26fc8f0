import {
  BACKSLASH,
  CLOSE_BRACE,
  COLON,
  COMMA,
  hasBytes,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipValue,
} from '../../transcode/bytes.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const NAMES = {
  kind: bytesOf('kind'),
  key: bytesOf('key'),
  image: bytesOf('image'),
  filtered: bytesOf('filtered'),
};
const KINDS = [bytesOf('"INSERT"'), bytesOf('"MODIFY"'), bytesOf('"REMOVE"')];
const TRUE = bytesOf('true');

/**
 * Finds, in the bytes of a change's line, what an apply needs of it, without parsing the images. It reads what `JSON.stringify`
 * writes: no blanks, and no escapes in the names of the record's own members.
 */
export class RecordLine {
  keyStart = 0;
  keyEnd = 0;
  /** Of the item after the change; 0 if there is none. */
  imageStart = 0;
  imageEnd = 0;
  isRemoved = false;
  isFiltered = false;
  #hasKind = false;

  /**
   * @param end the index after the line, without its line feed
   * @returns false if it is written otherwise, or is no change: a parser has to read it
   */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.keyStart = this.keyEnd = this.imageStart = this.imageEnd = 0;
    this.isRemoved = this.isFiltered = this.#hasKind = false;
    let at = start;
    if (bytes[at++] !== OPEN_BRACE) return false;
    for (;;) {
      if (bytes[at++] !== QUOTE) return false;
      const name = at;
      for (let c = bytes[at]; c !== QUOTE; c = bytes[++at]) if (c === BACKSLASH || at >= end) return false;
      const nameEnd = at++;
      if (bytes[at++] !== COLON) return false;
      const value = at;
      at = afterValue(bytes, value, end);
      if (at < 0 || at >= end || !this.#take(bytes, { name, nameEnd, value, end: at })) return false;
      const next = bytes[at++];
      if (next === CLOSE_BRACE) return at === end && this.#hasKind && this.keyEnd > 0;
      if (next !== COMMA) return false;
    }
  }

  /** @returns whether the member is as a change has it */
  #take(
    bytes: Uint8Array,
    { name, nameEnd, value, end }: Record<'name' | 'nameEnd' | 'value' | 'end', number>,
  ): boolean {
    const isNamed = (text: Uint8Array) => nameEnd - name === text.length && hasBytes(bytes, name, text);
    if (isNamed(NAMES.image)) {
      this.imageStart = value;
      this.imageEnd = end;
      return bytes[value] === OPEN_BRACE;
    }
    if (isNamed(NAMES.key)) {
      this.keyStart = value;
      this.keyEnd = end;
      return bytes[value] === OPEN_BRACE;
    }
    if (isNamed(NAMES.kind)) {
      const kind = KINDS.findIndex((each) => end - value === each.length && hasBytes(bytes, value, each));
      this.isRemoved = kind === 2;
      this.#hasKind = true;
      return kind >= 0;
    }
    if (isNamed(NAMES.filtered)) {
      this.isFiltered = true;
      return hasBytes(bytes, value, TRUE);
    }
    return true;
  }
}

/** The index after the value that starts at `at`; -1 if the bytes end before it does. */
function afterValue(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipValue(bytes, at);
  if (first === QUOTE) {
    for (let p = at + 1; p < end; p++) {
      if (bytes[p] === QUOTE) return p + 1;
      if (bytes[p] === BACKSLASH) p++;
    }
    return -1;
  }
  for (let p = at; p < end; p++) if (bytes[p] === COMMA || bytes[p] === CLOSE_BRACE) return p;
  return -1;
}
