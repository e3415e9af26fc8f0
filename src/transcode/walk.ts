import { type AttributeValue, kindOf } from '../pipeline/item/attribute.ts';
import { hexOfText, MAX_VARCHAR_BYTES, quoted } from '../pipeline/item/csv.ts';
import { numberText } from '../pipeline/item/number.ts';
import { membersInOrder } from '../pipeline/item/set-order.ts';
import { superJson } from '../pipeline/item/whole-value.ts';
import type { HideRule } from '../pipeline/mapping/hide/hiding.ts';
import { Treat } from '../pipeline/mapping/treatment.ts';
import { Trait } from '../pipeline/seen/tally.ts';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  hasBytes,
  LETTER,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './bytes.ts';
import type { ItemRows } from './item-rows.ts';
import type { Page } from './page.ts';
import { Cell, type Node, type TableProgram } from './program.ts';
import { Scalars } from './scalars.ts';
import { exactly, SHRED } from './shred-instead.ts';
import { SortedMembers } from './sorted-members.ts';
import { endOfPlainText, wordFor } from './words.ts';

const AFTER_KIND = Buffer.from('":{"');
const NULL_VALUE = Buffer.from('NULL":true}');
const EMPTY_MAP = Buffer.from('M":{}}');
const EMPTY_STRING = Buffer.from('S":""}');
const TRUE_VALUE = Buffer.from('BOOL":true}');
const FALSE_VALUE = Buffer.from('BOOL":false}');

/** How values begin, after the quote before their kind. */
const STRING = wordFor('S":"');
const NUMBER = wordFor('N":"');
const MAP = wordFor('M":{');
const LIST = wordFor('L":[');
const BINARY = wordFor('B":"');

/**
 * Walks over an item's maps, lists and sets, and over the values in them. Whatever the layouts do not know ends the walk:
 * every method throws SHRED for it.
 *
 * A value is read from the index of its kind's name: of `S` in `{"S":"x"}`.
 */
export class Walk {
  readonly #page: Page;
  readonly #rows: ItemRows;
  readonly #scalars: Scalars;
  readonly #null: Uint8Array;
  readonly #members = new SortedMembers();
  /** The most values of an item. */
  readonly #maxValues: number;
  /** No map that is less deep is kept whole. */
  readonly #wholeFrom: number;
  /** Every empty string is NULL. */
  readonly #skipsEmpty: boolean;
  /** The values of the current item so far. */
  #values = 0;
  /** The number of maps walked so far: see `Node.foundIn`. */
  #maps = 0;

  constructor(
    page: Page,
    rows: ItemRows,
    options: {
      readonly nullText: string;
      readonly maxValues: number;
      readonly wholeFrom: number;
      readonly skipsEmpty: boolean;
    },
  ) {
    this.#page = page;
    this.#rows = rows;
    this.#scalars = new Scalars(page, rows, options.nullText);
    this.#null = Buffer.from(options.nullText, 'utf8');
    this.#maxValues = options.maxValues;
    this.#wholeFrom = options.wholeFrom;
    this.#skipsEmpty = options.skipsEmpty;
  }

  /** @param at the index after the item's `{`. Returns the index after its `}`. */
  item(node: Node, at: number): number {
    this.#values = 0;
    return this.#map(node, at);
  }

  /** @param at the index after the map's `{`. Returns the index after its `}`. */
  #map(node: Node, at: number): number {
    const page = this.#page.bytes;
    const { words } = this.#page;
    if (page[at] === CLOSE_BRACE) return at + 1;
    const map = ++this.#maps;
    let previous: Node | undefined;
    for (let p = at; ; ) {
      if (page[p] !== QUOTE) throw SHRED;
      p++;
      let attribute = previous === undefined ? node.first : previous.next;
      if (attribute === undefined || !attribute.name.isAt(words, p)) {
        attribute = node.find(page, words, p);
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

  /** Passes over an attribute without a column, if it is not included or leaves no trace. @param at the index of its name */
  #unknown({ place, skipsOthers }: Node, at: number): number {
    const page = this.#page.bytes;
    let p = at;
    let c = page[p];
    while (c !== QUOTE) {
      if (c === BACKSLASH || c === undefined || c < 32) throw SHRED;
      c = page[++p];
    }
    if (!hasBytes(page, p, AFTER_KIND)) throw SHRED;
    p += AFTER_KIND.length;
    if (skipsOthers) return this.#page.skip(p - 2);
    if (hasBytes(page, p, NULL_VALUE)) return p + NULL_VALUE.length;
    if (this.#skipsEmpty && hasBytes(page, p, EMPTY_STRING)) return p + EMPTY_STRING.length;
    // An empty map that is kept whole is a value.
    if (place.depth + 1 < this.#wholeFrom && hasBytes(page, p, EMPTY_MAP)) return p + EMPTY_MAP.length;
    throw SHRED;
  }

  /** Returns the index after the value. */
  #value(node: Node, at: number): number {
    if (++this.#values > this.#maxValues) throw SHRED;
    return node.treatment === 0 ? this.#usual(node, at) : this.#treated(node, at);
  }

  #usual(node: Node, at: number): number {
    switch (this.#page.words.getInt32(at, true)) {
      case STRING:
        return this.#close(this.#scalars.string(node, at + 4));
      case NUMBER:
        return this.#close(this.#scalars.number(node, at + 4));
      case MAP:
        if (node.shredsMaps) throw SHRED;
        return this.#close(this.#map(node, at + 4));
      case LIST:
        return this.#list(node, at + 4);
      case BINARY:
        return this.#close(this.#scalars.binary(node, at + 4));
      default:
        return this.#longKind(node, at);
    }
  }

  /** Values whose kind has a name of several letters. */
  #longKind(node: Node, at: number): number {
    const page = this.#page.bytes;
    if (hasBytes(page, at, NULL_VALUE)) return at + NULL_VALUE.length;
    const isTrue = hasBytes(page, at, TRUE_VALUE);
    if (isTrue || hasBytes(page, at, FALSE_VALUE)) {
      const length = isTrue ? 4 : 5;
      this.#rows.note(node, Trait.BOOL, length, 0, 0);
      this.#rows.cell(node, node.scalarColumn, isTrue ? Cell.TRUE : Cell.FALSE, 0, length);
      return at + (isTrue ? TRUE_VALUE : FALSE_VALUE).length;
    }
    if (page[at + 1] === LETTER.S && page[at + 2] === QUOTE) return this.#set(node, at);
    throw SHRED;
  }

  #treated(node: Node, at: number): number {
    const { treatment } = node;
    if (treatment & Treat.IGNORE) return this.#page.skip(at - 2);
    const page = this.#page.bytes;
    const isSingle = page[at + 1] === QUOTE;
    const isContainer = !isSingle
      ? page[at + 1] === LETTER.S
      : page[at] === LETTER.M || page[at] === LETTER.L;
    if (treatment & Treat.PART && !this.#hasPart(treatment, at, isContainer)) {
      const isScalar = isSingle ? !isContainer : hasBytes(page, at, NULL_VALUE);
      if (!isScalar) throw SHRED;
      return this.#page.skip(at - 2);
    }
    if (!isContainer) {
      if (node.hide !== undefined) return this.#hidden(node, at, node.hide);
      if (node.shredsScalars && !hasBytes(page, at, NULL_VALUE)) throw SHRED;
    }
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

  /** A scalar whose hash or mask is written. */
  #hidden(node: Node, at: number, hide: HideRule['hide']): number {
    const page = this.#page.bytes;
    if (hasBytes(page, at, NULL_VALUE)) return at + NULL_VALUE.length;
    if (node.treatment & (Treat.WHOLE | Treat.SPLIT)) throw SHRED;
    const start = at + 4;
    const kind = this.#page.words.getInt32(at, true);
    const end = endOfPlainText(this.#page.words, start);
    if ((kind !== STRING && kind !== NUMBER) || page[end] !== QUOTE) throw SHRED;
    if (start === end && kind === STRING && node.emptyIsNull) return this.#close(end + 1);
    const text = page.toString('utf8', start, end);
    const hidden = hide(kind === STRING ? text : exactly(() => numberText(text)).text);
    this.#rows.note(node, Trait.S | Trait.other, hidden.length, 0, 0);
    this.#rows.text(node, node.scalarColumn, quoted(hidden));
    return this.#close(end + 1);
  }

  /** Whether a value may hold something that is included. */
  #hasPart(treatment: number, at: number, isContainer: boolean): boolean {
    if (!isContainer) return false;
    const parts = treatment & (Treat.PART_NAMES | Treat.PART_ENTRIES);
    return this.#page.bytes[at] === LETTER.M
      ? parts === (treatment & Treat.ROWS ? Treat.PART_ENTRIES : Treat.PART_NAMES)
      : (treatment & Treat.PART_MEMBERS) !== 0;
  }

  #whole(node: Node, at: number): number {
    const end = this.#page.skip(at - 2);
    const aspect = node.whole;
    if (node.ignoresBelow) throw SHRED;
    const value = this.#page.parsed(at - 2, end) as AttributeValue;
    if (exactly(() => kindOf(value)) === 'NULL') return end;
    if (aspect === undefined) throw SHRED;
    const json = exactly(() => superJson(value));
    if (json === undefined) {
      this.#rows.bytes(aspect, hexOfText(JSON.stringify(value)));
    } else {
      this.#rows.note(aspect, Trait.JSON, Buffer.byteLength(json), 0, 0);
      this.#rows.text(aspect, aspect.scalarColumn, quoted(json));
    }
    return end;
  }

  /** @param at the index after the list's `[` */
  #list(node: Node, at: number): number {
    const page = this.#page.bytes;
    let members = 0;
    let p = at;
    if (page[p] === CLOSE_BRACKET) {
      p++;
    } else {
      const program = node.members;
      if (program === undefined) throw SHRED;
      for (;;) {
        if (page[p] !== OPEN_BRACE || page[p + 1] !== QUOTE) throw SHRED;
        const outer = this.#rows.beginMember(program, members++);
        p = this.#value(program.node, p + 2);
        this.#rows.endMember(program, outer);
        const c = page[p++];
        if (c === CLOSE_BRACKET) break;
        if (c !== COMMA) throw SHRED;
      }
    }
    this.#rows.count(node, members);
    return this.#close(p);
  }

  #set(node: Node, at: number): number {
    const page = this.#page.bytes;
    if (page[at + 3] !== COLON || page[at + 4] !== OPEN_BRACKET) throw SHRED;
    const program = node.members;
    if (program !== undefined && program.node.treatment === 0) {
      const isTexts = page[at] === LETTER.S;
      const end = isTexts
        ? this.#members.readTexts(page, at + 5)
        : page[at] === LETTER.N
          ? this.#members.readIntegers(page, at + 5)
          : -1;
      if (end >= 0) {
        this.#sortedMembers(program, isTexts);
        this.#rows.count(node, this.#members.length);
        return end;
      }
    }
    return this.#otherSet(node, at);
  }

  #sortedMembers(program: TableProgram, isTexts: boolean): void {
    const { length, starts, ends } = this.#members;
    this.#countValues(length);
    for (let i = 0; i < length; i++) {
      const start = starts[i] as number;
      const end = ends[i] as number;
      const outer = this.#rows.beginMember(program, i);
      if (isTexts) this.#scalars.plainText(program.node, start, end);
      else this.#scalars.integer(program.node, start, end);
      this.#rows.endMember(program, outer);
    }
  }

  /** A set that has to be parsed to be ordered. */
  #otherSet(node: Node, at: number): number {
    const end = this.#page.skip(at + 4);
    const members = this.#page.parsed(at + 4, end);
    if (!Array.isArray(members) || !members.every((member) => typeof member === 'string')) throw SHRED;
    const kind = this.#page.bytes.toString('latin1', at, at + 2);
    if (kind !== 'SS' && kind !== 'NS' && kind !== 'BS') throw SHRED;
    const ordered = exactly(() => membersInOrder(kind, members));
    const program = node.members;
    if (ordered.length > 0) {
      if (program === undefined || program.node.treatment !== 0) throw SHRED;
      this.#countValues(ordered.length);
      for (const [i, member] of ordered.entries()) {
        const outer = this.#rows.beginMember(program, i);
        if ('S' in member) this.#scalars.text(program.node, member.S);
        else if ('N' in member) this.#scalars.numberText(program.node, member.N);
        else if ('B' in member) this.#scalars.base64(program.node, member.B);
        this.#rows.endMember(program, outer);
      }
    }
    this.#rows.count(node, ordered.length);
    return this.#close(end);
  }

  #entries(node: Node, at: number): number {
    const page = this.#page.bytes;
    if (page[at + 1] !== QUOTE || page[at + 2] !== COLON || page[at + 3] !== OPEN_BRACE) throw SHRED;
    let p = at + 4;
    if (page[p] === CLOSE_BRACE) return this.#close(p + 1);
    const program = node.entries;
    if (program === undefined || node.shredsMaps) throw SHRED;
    const { prefix } = this.#rows.head;
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
      const name = page.toString('latin1', start, p);
      if (node.shreddedEntries.has(name)) throw SHRED;
      names.add(name);
      // Of two entries with the same name, the last one counts.
      if (names.size !== entries) throw SHRED;
      const outer = prefix.length;
      prefix.add(page, start, p);
      this.#rows.begin(program);
      this.#rows.noteEntryName(program, Trait.S | Trait.other, length);
      p = this.#value(program.node, p + AFTER_KIND.length);
      this.#rows.endMember(program, outer);
      c = page[p++];
      if (c === CLOSE_BRACE) break;
      if (c !== COMMA) throw SHRED;
    }
    this.#rows.count(node, names.size);
    return this.#close(p);
  }

  #countValues(more: number): void {
    this.#values += more;
    if (this.#values > this.#maxValues) throw SHRED;
  }

  /** The index after the `}` that must be at `at`. */
  #close(at: number): number {
    if (this.#page.bytes[at] !== CLOSE_BRACE) throw SHRED;
    return at + 1;
  }
}
