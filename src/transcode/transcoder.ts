import { type AttributeValue, kindOf } from '../pipeline/item/attribute.ts';
import {
  hexOfBase64,
  hexOfText,
  MAX_VARCHAR_BYTES,
  measure,
  quoted,
  UNPAIRED_SURROGATE,
} from '../pipeline/item/csv.ts';
import { parseExactly } from '../pipeline/item/exact-json.ts';
import type { Key } from '../pipeline/item/key.ts';
import { numberText } from '../pipeline/item/number.ts';
import { isRoot } from '../pipeline/item/path.ts';
import { membersInOrder } from '../pipeline/item/set-order.ts';
import { superJson } from '../pipeline/item/whole-value.ts';
import { MAX_PATHS_CHARACTERS, MAX_ROW_BYTES, MAX_ROWS_CHARACTERS } from '../pipeline/mapping/item-bounds.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { addPlaces, NO_COLUMN, type Table } from '../pipeline/mapping/place.ts';
import { Treat } from '../pipeline/mapping/treatment.ts';
import { Trait } from '../pipeline/seen/tally.ts';
import { textForm } from '../pipeline/seen/text-form.ts';
import {
  afterBlanks,
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  compareBytes,
  hasBytes,
  isDigit,
  LETTER,
  LINE_FEED,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  POINT,
  QUOTE,
  skipValue,
  textFormOf,
  writeInteger,
  ZERO,
} from './bytes.ts';
import { endOfString, unescapedLength, writeUnescaped } from './escapes.ts';
import { ItemHead } from './item-head.ts';
import { Notes } from './notes.ts';
import { Cell, type Node, type OutputProgram, TableProgram } from './program.ts';
import type { RowBuffer } from './row-buffer.ts';
import { exactly, SHRED } from './shred-instead.ts';

/** Longer values are copied by a call, shorter ones byte by byte. */
const SHORT_BYTES = 48;
/** The most bytes of an integer with its quotes and comma. */
const INTEGER_BYTES = 16;
/** Numbers of so many digits are certain to fit in 64 bits. */
const INT64_DIGITS = 18;
/** Integers of so many digits are exact as JavaScript numbers. */
const MAX_SAFE_DIGITS = 15;
/** Larger sets are sorted by the engine. */
const MAX_SORTED_IN_PLACE = 32;
/** The most digits that are written without an exponent: see number.ts. */
const MAX_PLAIN_DIGITS = 38;

const AFTER_KIND = bytesOf('":{"');
const NULL_VALUE = bytesOf('NULL":true}');
const EMPTY_MAP = bytesOf('M":{}}');
const TRUE_VALUE = bytesOf('BOOL":true}');
const FALSE_VALUE = bytesOf('BOOL":false}');
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');

/**
 * Turns the bytes of pages into the bytes of rows, with nothing in between: the same rows as the shredder's, which are
 * noted in the same tallies. An item with anything that the layouts or this walk do not know goes to the shredder.
 *
 * An item is all or nothing, as in the shredder: its rows and notes count only once all of it is written.
 */
export class Transcoder {
  readonly #roots: readonly TableProgram[];
  readonly #head: ItemHead;
  readonly #notes = new Notes();
  readonly #shred: (item: Buffer) => void;
  #page: Buffer = Buffer.alloc(0);
  /** The tables in which the current item has rows. */
  readonly #touched: TableProgram[] = [];
  /** The number of maps walked so far: see `Node.foundIn`. */
  #maps = 0;
  /** The values of the current item so far, and the most that may be. */
  #values = 0;
  readonly #maxValues: number;
  /** No map that is less deep is kept whole. */
  readonly #wholeFrom: number;
  readonly #nullText: string;
  readonly #null: Uint8Array;
  /** The bytes of keys, positions and NULLs in the current item's rows so far. */
  #rowsBytes = 0;
  #writtenBytes = 0;

  /**
   * @param trees the shredder's, one per root table in the order of `rootTables`
   * @param buffers one per layout, then one per shape, in the order of those that the trees were made of
   * @param nullText what means NULL in the rows
   * @param shred takes an item's JSON
   */
  constructor(options: {
    readonly trees: readonly Table[];
    readonly key: Key;
    readonly mapping: Pick<Mapping, 'columns' | 'entities' | 'maxDepth'>;
    readonly buffers: readonly RowBuffer[];
    readonly nullText: string;
    readonly shred: (item: Buffer) => void;
  }) {
    this.#nullText = options.nullText;
    this.#null = Buffer.from(options.nullText, 'utf8');
    const { columns, entities, maxDepth } = options.mapping;
    this.#wholeFrom = Object.values(columns).some(({ asSuper }) => asSuper) ? 0 : maxDepth;
    const ignored = Object.keys(columns).filter((path) => columns[path]?.ignore && !isRoot(path));
    // What is ignored has no column, but is no surprise.
    addPlaces(options.trees, ignored);
    const context = { buffers: options.buffers, ignored };
    this.#roots = options.trees.map((tree) => new TableProgram(tree, context));
    this.#head = new ItemHead(options.key, entities, options.nullText);
    this.#shred = options.shred;
    const longest = options.trees
      .flatMap((tree) => tree.withAllBelow())
      .flatMap((table) => table.places())
      .reduce((most, { path }) => Math.max(most, path.length), 1);
    this.#maxValues = Math.floor(MAX_PATHS_CHARACTERS / longest);
  }

  /** The bytes of all rows that it wrote itself. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /**
   * Takes the item that starts at `at`. Returns the index after it; -1 if no object starts there, or the bytes end before
   * it does.
   */
  take(page: Buffer, at: number): number {
    if (page[at] !== OPEN_BRACE) return -1;
    this.#page = page;
    try {
      const end = this.#item(at);
      this.#keep();
      return end;
    } catch (error) {
      this.#undo();
      // A value that is too large or too deep for the engine: the shredder says so.
      if (error !== SHRED && !(error instanceof RangeError)) throw error;
    }
    const end = skipValue(page, at);
    if (end >= 0) this.#shred(page.subarray(at, end));
    return end;
  }

  /**
   * Takes the items between two indexes, with commas between them, until there are enough.
   * @param from the index of an item
   * @returns the number of items taken, and the index of the next one; `end` if there is none. If what is there is not
   *   JSON of items, `isJson` is false: a parser has to say what is wrong.
   */
  takeItems(
    { body, end }: { readonly body: Buffer; readonly end: number },
    from: number,
    isEnough: () => boolean,
  ): { readonly items: number; readonly next: number; readonly isJson: boolean } {
    let items = 0;
    let next = afterBlanks(body, from);
    while (next < end && !isEnough()) {
      const after = this.take(body, next);
      if (after < 0 || after > end) return { items, next, isJson: false };
      items++;
      const comma = afterBlanks(body, after);
      if (comma === end) return { items, next: end, isJson: true };
      next = afterBlanks(body, comma + 1);
      // No parser accepts it either, from the last bracket on.
      if (body[comma] !== COMMA || next === end) return { items, next: after - 1, isJson: false };
    }
    return { items, next, isJson: true };
  }

  #item(at: number): number {
    const head = this.#head;
    head.read(this.#page, at + 1);
    const root = this.#roots[head.root] as TableProgram;
    this.#beginRow(root);
    const end = this.#map(root.node, at + 1);
    this.#endRow(root);
    return end;
  }

  #keep(): void {
    this.#notes.add();
    for (const program of this.#touched) {
      program.table.rows += program.itemRows;
      program.itemRows = 0;
      for (const output of program.outputs) {
        if (output.itemRows > 0) this.#writtenBytes += output.rows.length - output.itemStart;
        output.rows.rows += output.itemRows;
        output.itemRows = 0;
      }
    }
    this.#touched.length = 0;
    this.#values = 0;
    this.#rowsBytes = 0;
  }

  #undo(): void {
    this.#notes.forget();
    for (const program of this.#touched) {
      program.itemRows = 0;
      for (const output of program.outputs) {
        if (output.itemRows > 0) output.rows.length = output.itemStart;
        output.itemRows = 0;
      }
    }
    this.#touched.length = 0;
    this.#values = 0;
    this.#rowsBytes = 0;
  }

  #beginRow(program: TableProgram): void {
    if (program.outputs.length === 0) throw SHRED;
    this.#rowsBytes += this.#head.prefixLength + program.columns * (this.#null.length + 1);
    if (this.#rowsBytes > MAX_ROWS_CHARACTERS) throw SHRED;
    if (program.itemRows++ === 0) this.#touched.push(program);
    program.kinds.fill(Cell.NULL);
    program.filled.fill(0);
    program.valueBytes = 0;
  }

  #endRow(program: TableProgram): void {
    const { kinds, starts, ends } = program;
    const output = narrowest(program);
    const { columns, rows } = output;
    const { prefix, prefixLength } = this.#head;
    rows.reserve(prefixLength + columns.length * (this.#null.length + 1) + program.valueBytes + 1);
    const page = this.#page;
    const out = rows.bytes;
    const start = rows.length;
    let to = start;
    for (let i = 0; i < prefixLength; i++) out[to++] = prefix[i] as number;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      out[to++] = COMMA;
      const kind = kinds[column];
      if (kind === Cell.NULL) {
        for (let j = 0; j < this.#null.length; j++) out[to++] = this.#null[j] as number;
        continue;
      }
      if (kind === Cell.TEXT) {
        to += out.write(program.texts[column] as string, to, 'utf8');
        program.texts[column] = '';
        continue;
      }
      out[to++] = QUOTE;
      const from = starts[column] as number;
      const end = ends[column] as number;
      if (kind === Cell.PAGE) {
        if (end - from > SHORT_BYTES) {
          page.copy(out, to, from, end);
          to += end - from;
        } else {
          for (let p = from; p < end; p++) out[to++] = page[p] as number;
        }
      } else if (kind === Cell.ESCAPED) {
        to = writeUnescaped(page, from, end, out, to);
      } else if (kind === Cell.INTEGER) {
        to = writeInteger(from, out, to);
      } else {
        const text = kind === Cell.TRUE ? TRUE : FALSE;
        for (let j = 0; j < text.length; j++) out[to++] = text[j] as number;
      }
      out[to++] = QUOTE;
    }
    out[to++] = LINE_FEED;
    if (to - start > MAX_ROW_BYTES) throw SHRED;
    if (output.itemRows++ === 0) output.itemStart = start;
    rows.length = to;
  }

  /** @param at the index after the map's `{`. Returns the index after its `}`. */
  #map(node: Node, at: number): number {
    const page = this.#page;
    if (page[at] === CLOSE_BRACE) return at + 1;
    const map = ++this.#maps;
    let previous: Node | undefined;
    for (let p = at; ; ) {
      if (page[p] !== QUOTE) throw SHRED;
      p++;
      let attribute = previous === undefined ? node.first : previous.next;
      if (attribute === undefined || !hasBytes(page, p, attribute.name)) {
        attribute = node.find(page, p);
        if (attribute !== undefined) {
          if (previous === undefined) node.first = attribute;
          else previous.next = attribute;
        }
      }
      if (attribute === undefined) {
        p = this.#unknown(node, p);
      } else {
        if (attribute.foundIn === map) throw SHRED;
        attribute.foundIn = map;
        p = this.#value(attribute, p + attribute.name.length);
        previous = attribute;
      }
      const c = page[p++];
      if (c === CLOSE_BRACE) return p;
      if (c !== COMMA) throw SHRED;
    }
  }

  /** Passes over an attribute without a column, if it leaves no trace. @param at the index of its name */
  #unknown({ place }: Node, at: number): number {
    const page = this.#page;
    let p = at;
    let c = page[p];
    while (c !== QUOTE) {
      if (c === BACKSLASH || c === undefined || c < 32) throw SHRED;
      c = page[++p];
    }
    if (!hasBytes(page, p, AFTER_KIND)) throw SHRED;
    p += AFTER_KIND.length;
    if (hasBytes(page, p, NULL_VALUE)) return p + NULL_VALUE.length;
    // An empty map that is kept whole is a value.
    if (place.depth + 1 < this.#wholeFrom && hasBytes(page, p, EMPTY_MAP)) return p + EMPTY_MAP.length;
    throw SHRED;
  }

  /** @param at the index of the kind's name, in a value's `{"S":"x"}`. Returns the index after the value. */
  #value(node: Node, at: number): number {
    if (++this.#values > this.#maxValues) throw SHRED;
    return node.treatment === 0 ? this.#usual(node, at) : this.#treated(node, at);
  }

  #treated(node: Node, at: number): number {
    const { treatment } = node;
    if (treatment & Treat.IGNORE) return this.#skip(at - 2);
    const page = this.#page;
    const isSingle = page[at + 1] === QUOTE;
    const isContainer = !isSingle
      ? page[at + 1] === LETTER.S
      : page[at] === LETTER.M || page[at] === LETTER.L;
    if (treatment & Treat.WHOLE || (treatment & Treat.DEEP && isContainer)) return this.#whole(node, at);
    if (treatment & Treat.ROWS && page[at] === LETTER.M) return this.#entries(node, at);
    if (treatment & Treat.SPLIT && !isContainer) {
      const aspect = isSingle
        ? page[at] === LETTER.S
          ? node.s
          : page[at] === LETTER.N
            ? node.n
            : node.b
        : page[at] === LETTER.B
          ? node.bool
          : node;
      if (aspect === undefined) throw SHRED;
      return this.#usual(aspect, at);
    }
    return this.#usual(node, at);
  }

  #usual(node: Node, at: number): number {
    const page = this.#page;
    const first = page[at];
    if (page[at + 1] !== QUOTE) return this.#longKind(node, at);
    if (page[at + 2] !== COLON) throw SHRED;
    const open = page[at + 3];
    if (first === LETTER.S && open === QUOTE) return this.#string(node, at + 4);
    if (first === LETTER.N && open === QUOTE) return this.#number(node, at + 4);
    if (first === LETTER.M && open === OPEN_BRACE) {
      if (node.shredsMaps) throw SHRED;
      return this.#close(this.#map(node, at + 4));
    }
    if (first === LETTER.L && open === OPEN_BRACKET) return this.#list(node, at + 4);
    if (first === LETTER.B && open === QUOTE) return this.#binary(node, at + 4);
    throw SHRED;
  }

  /** Values whose kind has a name of several letters. */
  #longKind(node: Node, at: number): number {
    const page = this.#page;
    if (hasBytes(page, at, NULL_VALUE)) return at + NULL_VALUE.length;
    const isTrue = hasBytes(page, at, TRUE_VALUE);
    if (isTrue || hasBytes(page, at, FALSE_VALUE)) {
      const length = isTrue ? 4 : 5;
      this.#scalar(node, Trait.BOOL, length, 0, 0);
      this.#cell(node, node.scalarColumn, isTrue ? Cell.TRUE : Cell.FALSE, 0, length);
      return at + (isTrue ? TRUE_VALUE : FALSE_VALUE).length;
    }
    if (page[at + 1] === LETTER.S && page[at + 2] === QUOTE) return this.#set(node, at);
    throw SHRED;
  }

  /** The index after the `}` that must be at `at`. */
  #close(at: number): number {
    if (this.#page[at] !== CLOSE_BRACE) throw SHRED;
    return at + 1;
  }

  #skip(at: number): number {
    const end = skipValue(this.#page, at);
    if (end < 0) throw SHRED;
    return end;
  }

  /** @param at the index of the string's first character */
  #string(node: Node, at: number): number {
    const page = this.#page;
    let p = at;
    let c = page[p] as number;
    while (c !== QUOTE && c !== BACKSLASH && c >= 32) c = page[++p] as number;
    if (c === BACKSLASH) return this.#escapedString(node, at);
    if (c !== QUOTE || page[p + 1] !== CLOSE_BRACE) throw SHRED;
    this.#plainText(node, at, p);
    return p + 2;
  }

  /** A string without escapes. */
  #plainText(node: Node, start: number, end: number): void {
    const page = this.#page;
    const length = end - start;
    if (length > MAX_VARCHAR_BYTES || (length === this.#null.length && hasBytes(page, start, this.#null))) {
      this.#bytes(node, page.toString('hex', start, end));
    } else {
      this.#scalar(node, Trait.S | Trait[textFormOf(page, start, length)], length, 0, 0);
      this.#cell(node, node.scalarColumn, Cell.PAGE, start, end);
    }
  }

  #escapedString(node: Node, at: number): number {
    const page = this.#page;
    const end = endOfString(page, at);
    if (page[end + 1] !== CLOSE_BRACE) throw SHRED;
    const length = unescapedLength(page, at, end);
    const mayBeTime = length === 10 || (length >= 20 && length <= 27);
    const mayBeNull = length === this.#null.length;
    const isSpecial = mayBeNull || (mayBeTime && (isDigit(page[at]) || page[at] === BACKSLASH));
    if (length >= 0 && length <= MAX_VARCHAR_BYTES && !isSpecial) {
      this.#scalar(node, Trait.S | Trait.other, length, 0, 0);
      this.#cell(node, node.scalarColumn, Cell.ESCAPED, at, end);
    } else {
      this.#text(node, parsed(page, at - 1, end + 1) as string);
    }
    return end + 2;
  }

  #text(node: Node, text: string): void {
    const bytes = measure(text);
    if (bytes === UNPAIRED_SURROGATE) throw SHRED;
    if (bytes < 0 || bytes > MAX_VARCHAR_BYTES || text === this.#nullText) {
      this.#bytes(node, hexOfText(text));
    } else {
      this.#scalar(node, Trait.S | Trait[textForm(text)], bytes, 0, 0);
      this.#textCell(node, node.scalarColumn, quoted(text));
    }
  }

  /** @param at the index of the number's first character */
  #number(node: Node, at: number): number {
    const page = this.#page;
    const start = page[at] === MINUS ? at + 1 : at;
    let p = start;
    while (isDigit(page[p])) p++;
    const digits = p - start;
    if (page[p] === QUOTE && digits > 0 && digits <= INT64_DIGITS && (page[start] !== ZERO || p - at === 1)) {
      this.#scalar(node, Trait.N, p - at, page[at] === ZERO ? 0 : digits, 0);
      this.#cell(node, node.scalarColumn, Cell.PAGE, at, p);
      return this.#close(p + 1);
    }
    if (page[p] === POINT && digits > 0) {
      const point = p++;
      while (isDigit(page[p])) p++;
      const scale = p - point - 1;
      const integerDigits = page[start] === ZERO ? 0 : digits;
      const isCanonical =
        page[p] === QUOTE && scale > 0 && page[p - 1] !== ZERO && (integerDigits > 0 || digits === 1);
      if (isCanonical && integerDigits + scale <= MAX_PLAIN_DIGITS) {
        this.#scalar(node, Trait.N | Trait.NOT_INT64, p - at, integerDigits, scale);
        this.#cell(node, node.scalarColumn, Cell.PAGE, at, p);
        return this.#close(p + 1);
      }
    }
    const end = endOfString(page, at);
    this.#numberText(node, page.toString('latin1', at, end));
    return this.#close(end + 1);
  }

  #numberText(node: Node, n: string): void {
    const { text, integerDigits, scale, int64, exponent } = exactly(() => numberText(n));
    const traits = Trait.N | (int64 ? 0 : Trait.NOT_INT64) | (exponent ? Trait.EXPONENT : 0);
    this.#scalar(node, traits, text.length, integerDigits, scale);
    this.#textCell(node, node.scalarColumn, `"${text}"`);
  }

  /** @param at the index of the first base64 character */
  #binary(node: Node, at: number): number {
    const end = endOfString(this.#page, at);
    this.#base64(node, this.#page.toString('latin1', at, end));
    return this.#close(end + 1);
  }

  #base64(node: Node, base64: string): void {
    const hex = exactly(() => hexOfBase64(base64));
    if (hex.length > MAX_VARCHAR_BYTES) {
      this.#bytes(node, hex);
    } else {
      this.#scalar(node, hex === '' ? Trait.emptyB : Trait.B, hex.length, 0, 0);
      this.#textCell(node, node.scalarColumn, `"${hex}"`);
    }
  }

  #bytes(node: Node, hex: string): void {
    if (node.bytesColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.bytesTally(), 0, hex.length / 2, 0, 0);
    this.#textCell(node, node.bytesColumn, `"${hex}"`);
  }

  /** @param at the index after the list's `[` */
  #list(node: Node, at: number): number {
    if (node.countColumn === NO_COLUMN) throw SHRED;
    const page = this.#page;
    let members = 0;
    let p = at;
    if (page[p] === CLOSE_BRACKET) {
      p++;
    } else {
      const program = node.members;
      if (program === undefined) throw SHRED;
      for (;;) {
        if (page[p] !== OPEN_BRACE || page[p + 1] !== QUOTE) throw SHRED;
        const outer = this.#beginMember(program, members++);
        p = this.#value(program.node, p + 2);
        this.#endMember(program, outer);
        const c = page[p++];
        if (c === CLOSE_BRACKET) break;
        if (c !== COMMA) throw SHRED;
      }
    }
    this.#count(node, members);
    return this.#close(p);
  }

  /** @param at the index of the kind's name: `SS`, `NS` or `BS` */
  #set(node: Node, at: number): number {
    const page = this.#page;
    if (page[at + 3] !== COLON || page[at + 4] !== OPEN_BRACKET) throw SHRED;
    const first = page[at];
    const after =
      first === LETTER.S
        ? this.#plainTexts(node, at + 5)
        : first === LETTER.N
          ? this.#shortIntegers(node, at + 5)
          : -1;
    if (after >= 0) return after;
    const end = this.#skip(at + 4);
    const members = parsed(page, at + 4, end);
    if (!Array.isArray(members) || !members.every((member) => typeof member === 'string')) throw SHRED;
    const kind = page.toString('latin1', at, at + 2);
    if (kind !== 'SS' && kind !== 'NS' && kind !== 'BS') throw SHRED;
    const ordered = exactly(() => membersInOrder(kind, members));
    const program = node.members;
    if (ordered.length > 0 && (program === undefined || program.node.treatment !== 0)) throw SHRED;
    this.#values += ordered.length;
    if (this.#values > this.#maxValues) throw SHRED;
    for (const [i, member] of ordered.entries()) {
      const outer = this.#beginMember(program as TableProgram, i);
      this.#member((program as TableProgram).node, member);
      this.#endMember(program as TableProgram, outer);
    }
    this.#count(node, ordered.length);
    return this.#close(end);
  }

  /**
   * A set of strings without escapes, in the order of their UTF-8 bytes, as `membersInOrder` has it.
   * @param at the index after the set's `[`
   * @returns the index after the value, or -1 if it is another set: nothing is written then
   */
  #plainTexts(node: Node, at: number): number {
    const page = this.#page;
    const program = node.members;
    if (program === undefined || program.node.treatment !== 0) return -1;
    const starts: number[] = [];
    const ends: number[] = [];
    let p = at;
    for (let c: number | undefined = COMMA; c === COMMA; c = page[p++]) {
      if (page[p] !== QUOTE || starts.length === MAX_SORTED_IN_PLACE) return -1;
      const start = ++p;
      let d = page[p] as number;
      while (d !== QUOTE && d !== BACKSLASH && d >= 32) d = page[++p] as number;
      if (d !== QUOTE) return -1;
      // Members are few: each is moved to its place among those before it.
      let to = starts.length;
      while (to > 0 && compareBytes(page, start, p, starts[to - 1] as number, ends[to - 1] as number) < 0)
        to--;
      starts.splice(to, 0, start);
      ends.splice(to, 0, p);
      p++;
    }
    if (page[p - 1] !== CLOSE_BRACKET || page[p] !== CLOSE_BRACE) return -1;
    for (const [i, start] of starts.entries()) {
      const outer = this.#beginMember(program, i);
      this.#values++;
      this.#plainText(program.node, start, ends[i] as number);
      this.#endMember(program, outer);
    }
    this.#count(node, starts.length);
    return p + 1;
  }

  /** A set of integers with few digits, by value. Parameter and result are those of `#plainTexts`. */
  #shortIntegers(node: Node, at: number): number {
    const page = this.#page;
    const program = node.members;
    if (program === undefined || program.node.treatment !== 0) return -1;
    const starts: number[] = [];
    const values: number[] = [];
    let p = at;
    for (let c: number | undefined = COMMA; c === COMMA; c = page[p++]) {
      if (page[p] !== QUOTE || starts.length === MAX_SORTED_IN_PLACE) return -1;
      const start = ++p;
      const isNegative = page[p] === MINUS;
      if (isNegative) p++;
      const firstDigit = p;
      let value = 0;
      for (let d = page[p]; isDigit(d); d = page[++p]) value = value * 10 + d - ZERO;
      const digits = p - firstDigit;
      // Neither leading zeros nor -0: the number is its own canonical text.
      if (page[p] !== QUOTE || digits === 0 || digits > MAX_SAFE_DIGITS) return -1;
      if (page[firstDigit] === ZERO && p - start > 1) return -1;
      if (isNegative) value = -value;
      let to = starts.length;
      while (to > 0 && value < (values[to - 1] as number)) to--;
      starts.splice(to, 0, start);
      values.splice(to, 0, value);
      p++;
    }
    if (page[p - 1] !== CLOSE_BRACKET || page[p] !== CLOSE_BRACE) return -1;
    for (const [i, start] of starts.entries()) {
      const outer = this.#beginMember(program, i);
      this.#values++;
      let end = start;
      while (page[end] !== QUOTE) end++;
      const isZero = page[start] === ZERO;
      const digits = isZero ? 0 : end - start - (page[start] === MINUS ? 1 : 0);
      this.#scalar(program.node, Trait.N, end - start, digits, 0);
      this.#cell(program.node, program.node.scalarColumn, Cell.PAGE, start, end);
      this.#endMember(program, outer);
    }
    this.#count(node, starts.length);
    return p + 1;
  }

  #member(node: Node, member: AttributeValue): void {
    if ('S' in member) this.#text(node, member.S);
    else if ('N' in member) this.#numberText(node, member.N);
    else if ('B' in member) this.#base64(node, member.B);
  }

  /** @param at the index of the kind's name, `M` */
  #entries(node: Node, at: number): number {
    const page = this.#page;
    if (page[at + 1] !== QUOTE || page[at + 2] !== COLON || page[at + 3] !== OPEN_BRACE) throw SHRED;
    let p = at + 4;
    if (page[p] === CLOSE_BRACE) return this.#close(p + 1);
    const program = node.entries;
    const key = program?.entryName;
    if (program === undefined || key === undefined || node.shredsMaps) throw SHRED;
    const names = new Set<string>();
    for (let entries = 1; ; entries++) {
      if (page[p] !== QUOTE) throw SHRED;
      const start = ++p;
      let c = page[p];
      while (c !== QUOTE) {
        if (c === BACKSLASH || c === undefined || c < 32) throw SHRED;
        c = page[++p];
      }
      const length = p - start;
      if (length > MAX_VARCHAR_BYTES || !hasBytes(page, p, AFTER_KIND)) throw SHRED;
      if (length === this.#null.length && hasBytes(page, start, this.#null)) throw SHRED;
      names.add(page.toString('latin1', start, p));
      // Of two entries with the same name, the last one counts.
      if (names.size !== entries) throw SHRED;
      const head = this.#head;
      const outer = head.prefixLength;
      head.add(page, start, p);
      this.#beginRow(program);
      this.#notes.note(key.scalars, Trait.S | Trait.other, length, 0, 0);
      p = this.#value(program.node, p + AFTER_KIND.length);
      this.#endMember(program, outer);
      c = page[p++];
      if (c === CLOSE_BRACE) break;
      if (c !== COMMA) throw SHRED;
    }
    this.#count(node, names.size);
    return this.#close(p);
  }

  #whole(node: Node, at: number): number {
    const page = this.#page;
    const end = this.#skip(at - 2);
    const aspect = node.whole;
    if (node.ignoresBelow) throw SHRED;
    const value = parsed(page, at - 2, end) as AttributeValue;
    if (exactly(() => kindOf(value)) === 'NULL') return end;
    if (aspect === undefined) throw SHRED;
    const json = exactly(() => superJson(value));
    if (json === undefined) {
      this.#bytes(aspect, hexOfText(JSON.stringify(value)));
    } else {
      this.#scalar(aspect, Trait.JSON, Buffer.byteLength(json), 0, 0);
      this.#textCell(aspect, aspect.scalarColumn, quoted(json));
    }
    return end;
  }

  #scalar(node: Node, traits: number, amount: number, integerDigits: number, scale: number): void {
    if (node.scalarColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.scalars, traits, amount, integerDigits, scale);
  }

  #count(node: Node, members: number): void {
    if (node.countColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.countTally(), 0, members, 0, 0);
    this.#cell(node, node.countColumn, Cell.INTEGER, members, members + INTEGER_BYTES);
  }

  /** The columns of keys and positions are negative: those fields are in the prefix. */
  #cell({ table }: Node, column: number, kind: number, start: number, end: number): void {
    if (column < 0) return;
    fill(table, column);
    table.kinds[column] = kind;
    table.starts[column] = start;
    table.ends[column] = end;
    table.valueBytes += end - start + 2;
  }

  #textCell({ table }: Node, column: number, text: string): void {
    if (column < 0) return;
    fill(table, column);
    table.kinds[column] = Cell.TEXT;
    table.texts[column] = text;
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    table.valueBytes += text.length * 3;
  }

  /** Begins a row of a list's or set's member. Returns what `#endMember` needs. */
  #beginMember(program: TableProgram, position: number): number {
    const outer = this.#head.prefixLength;
    this.#head.addInteger(position);
    this.#beginRow(program);
    return outer;
  }

  #endMember(program: TableProgram, outer: number): void {
    this.#endRow(program);
    this.#head.prefixLength = outer;
  }
}

function fill({ filled }: TableProgram, column: number): void {
  filled[column >> 5] = (filled[column >> 5] as number) | (1 << (column & 31));
}

/** The narrowest layout that has all columns of the current row. */
function narrowest({ filled, outputs }: TableProgram): OutputProgram {
  const last = outputs.length - 1;
  for (let i = 0; i < last; i++) {
    const output = outputs[i] as OutputProgram;
    let misses = 0;
    for (let word = 0; word < filled.length; word++) {
      misses |= (filled[word] as number) & (output.lacking[word] as number);
    }
    if (misses === 0) return output;
  }
  return outputs[last] as OutputProgram;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** The value of the JSON between these indexes. @throws SHRED if it is none */
function parsed(page: Buffer, start: number, end: number): unknown {
  return exactly(() => parseExactly(page.toString('utf8', start, end)));
}
