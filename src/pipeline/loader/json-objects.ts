import { RowTooLong } from './delimited-rows.ts';

/** One of the objects in a JSON file. */
export interface JsonObject {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly text: string;
}

/** SUPER holds 16 MB; a longer object is not loaded anyway. */
const MAX_OBJECT_CHARACTERS = 17 * 1024 * 1024;

/**
 * Finds the objects at the top of a file of JSON, one after the other, in text that arrives in pieces. What is between
 * them is ignored: COPY itself judges it. Memory is bounded by one piece and one object.
 */
export class JsonObjects {
  #line = 1;
  #objectLine = 1;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #held = '';

  /** The objects that end in this piece. @throws RowTooLong */
  push(text: string): JsonObject[] {
    const objects: JsonObject[] = [];
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const character = text[at];
      if (character === '\n') this.#line++;
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (character === '\\') this.#isEscaped = true;
        else if (character === '"') this.#isText = false;
      } else if (character === '"') {
        this.#isText = this.#depth > 0;
      } else if (character === '{') {
        if (this.#depth === 0) {
          start = at;
          this.#objectLine = this.#line;
        }
        this.#depth++;
      } else if (character === '}' && this.#depth > 0) {
        this.#depth--;
        if (this.#depth > 0) continue;
        objects.push({ line: this.#objectLine, text: this.#held + text.slice(start, at + 1) });
        this.#held = '';
      }
    }
    if (this.#depth > 0) this.#held += text.slice(start);
    if (this.#held.length > MAX_OBJECT_CHARACTERS) throw new RowTooLong(this.#objectLine);
    return objects;
  }
}
