import { hexOfBase64, MAX_VARCHAR_BYTES } from '../pipeline/item/csv.ts';
import type { Key, KeyAttribute } from '../pipeline/item/key.ts';
import { numberText } from '../pipeline/item/number.ts';
import type { EntityRoute } from '../pipeline/mapping/entity-route.ts';
import type { ItemMapping } from '../pipeline/mapping/mapping.ts';
import { type Found, RowFilter } from '../pipeline/mapping/row-filter.ts';
import { BACKSLASH, CLOSE_BRACE, COLON, COMMA, hasBytes, LETTER, QUOTE, skipValue } from './bytes.ts';
import { RowPrefix } from './row-prefix.ts';
import { exactly, SHRED } from './shred-instead.ts';

/** A top-level attribute that must be known before the item's rows are written. */
interface Needed {
  /** The bytes of its name, up to the name of its value's kind. */
  readonly name: Uint8Array;
  /** Where the name of its value's kind begins in the current item; -1 if the item has no such attribute. */
  at: number;
}

type Test = (page: Buffer) => boolean;

/**
 * What decides where an item's rows go and how they begin: its key, and the attributes that route it to an entity. It
 * is read before the item is walked, because attributes come in any order.
 */
export class ItemHead {
  /** How the item's rows begin: at first, its key. */
  readonly prefix = new RowPrefix();
  /** The number of the root table, in the order of `rootTables`. */
  root = 0;
  readonly #key: readonly (KeyAttribute & { readonly needed: Needed })[];
  readonly #needed: Needed[] = [];
  readonly #routes: readonly Test[];
  readonly #null: Uint8Array;
  /** The bounds of the text that `#text` found. */
  #start = 0;
  #end = 0;

  /** Whether the item meets the conditions of `where`. */
  isKept = true;
  readonly #filter: RowFilter | undefined;
  readonly #filtering = new Map<string, Needed>();
  #page: Buffer | undefined;

  /** @param nullText what means NULL in the rows, and so cannot be a key */
  constructor(key: Key, { entities, where }: Pick<ItemMapping, 'entities' | 'where'>, nullText: string) {
    this.#null = Buffer.from(nullText, 'utf8');
    this.#key = key.map((attribute) => ({ ...attribute, needed: this.#need(attribute.name) }));
    this.#routes = Object.values(entities).map((route) => this.#test(route));
    this.#filter = where && new RowFilter(where);
    for (const name of this.#filter?.attributes ?? []) this.#filtering.set(name, this.#need(name));
  }

  /**
   * Reads the head of the item whose first attribute starts at `at`.
   * @throws SHRED
   */
  read(page: Buffer, at: number): void {
    this.#find(page, at);
    this.#page = page;
    this.isKept = this.#filter?.keeps(this.#found) ?? true;
    if (!this.isKept) return;
    this.prefix.length = 0;
    for (const { kind, needed } of this.#key) this.#keyField(page, kind, needed.at);
    this.root = this.#routes.findIndex((isOf) => isOf(page)) + 1;
  }

  #find(page: Buffer, at: number): void {
    const needed = this.#needed;
    for (const one of needed) one.at = -1;
    let missing = needed.length;
    for (let p = at; ; p++) {
      if (page[p++] !== QUOTE) throw SHRED;
      let found: Needed | undefined;
      for (const one of needed) if (hasBytes(page, p, one.name)) found = one;
      if (found === undefined) {
        let c = page[p];
        while (c !== QUOTE && c !== BACKSLASH && c !== undefined) c = page[++p];
        // With blanks, or an escape in its name, it may be one that is needed.
        if (c !== QUOTE || !hasBytes(page, p + 1, AFTER_NAME)) throw SHRED;
        p += 2;
      } else {
        p += found.name.length;
        found.at = p;
        if (--missing === 0) return;
        p -= 2;
      }
      p = skipValue(page, p);
      if (page[p] === CLOSE_BRACE) return;
      if (page[p] !== COMMA) throw SHRED;
    }
  }

  #keyField(page: Buffer, kind: KeyAttribute['kind'], at: number): void {
    if (at < 0 || page[at] !== LETTER[kind]) throw SHRED;
    this.#text(page, at + 1);
    const start = this.#start;
    const end = this.#end;
    if (kind === 'S') {
      const length = end - start;
      const isNull = length === this.#null.length && hasBytes(page, start, this.#null);
      if (length > MAX_VARCHAR_BYTES || isNull) throw SHRED;
      this.prefix.add(page, start, end);
      return;
    }
    const content = page.toString('latin1', start, end);
    const text = Buffer.from(
      kind === 'N' ? exactly(() => numberText(content)).text : exactly(() => hexOfBase64(content)),
    );
    this.prefix.add(text, 0, text.length);
  }

  /** Finds the text of a value without escapes, from after the kind's one letter. @throws SHRED */
  #text(page: Buffer, at: number): void {
    if (page[at] !== QUOTE || page[at + 1] !== COLON || page[at + 2] !== QUOTE) throw SHRED;
    let p = at + 3;
    let c = page[p];
    while (c !== undefined && c !== QUOTE && c !== BACKSLASH && c >= 32) c = page[++p];
    if (c !== QUOTE || page[p + 1] !== CLOSE_BRACE) throw SHRED;
    this.#start = at + 3;
    this.#end = p;
  }

  #need(name: string): Needed {
    const bytes = Buffer.from(`${JSON.stringify(name).slice(1)}:{"`, 'utf8');
    const known = this.#needed.find((one) => bytes.equals(one.name));
    if (known !== undefined) return known;
    const needed = { name: bytes, at: -1 };
    this.#needed.push(needed);
    return needed;
  }

  /** The same test as `routeTest`, on bytes. */
  #test({ keyPrefix, sortKeyPrefix, attribute, equals }: EntityRoute): Test {
    const tests: Test[] = [];
    const requirePrefix = (key: Needed | undefined, prefix: string | undefined) => {
      if (prefix === undefined) return;
      const bytes = Buffer.from(prefix, 'utf8');
      tests.push((page) => {
        if (key === undefined || page[key.at] !== LETTER.S) return false;
        this.#text(page, key.at + 1);
        return this.#end - this.#start >= bytes.length && hasBytes(page, this.#start, bytes);
      });
    };
    requirePrefix(this.#key[0]?.needed, keyPrefix);
    requirePrefix(this.#key[1]?.needed, sortKeyPrefix);
    if (attribute !== undefined && equals !== undefined) {
      const needed = this.#need(attribute);
      const values = new Set(typeof equals === 'string' ? [equals] : equals);
      tests.push((page) => {
        const text = this.#scalar(page, needed.at);
        return text !== undefined && values.has(text);
      });
    }
    return (page) => tests.every((test) => test(page));
  }

  /** What the item has at an attribute that the filter looks at. @throws SHRED */
  readonly #found = (attribute: string): Found => {
    const page = this.#page as Buffer;
    const { at } = this.#filtering.get(attribute) as Needed;
    if (at < 0 || hasBytes(page, at, NULL_VALUE)) return 'absent';
    const text = this.#scalar(page, at);
    if (text === undefined) return 'other';
    return { kind: page[at] === LETTER.S ? 'S' : page[at] === LETTER.N ? 'N' : 'BOOL', text };
  };

  /** The text of a string, number or boolean as its column would hold it; undefined for other values. @throws SHRED */
  #scalar(page: Buffer, at: number): string | undefined {
    if (at < 0) return undefined;
    if (hasBytes(page, at, TRUE)) return 'true';
    if (hasBytes(page, at, FALSE)) return 'false';
    if (OTHERS.some((kind) => hasBytes(page, at, kind))) return undefined;
    const isNumber = page[at] === LETTER.N;
    if (page[at] !== LETTER.S && !isNumber) throw SHRED;
    this.#text(page, at + 1);
    const text = page.toString('utf8', this.#start, this.#end);
    return isNumber ? exactly(() => numberText(text)).text : text;
  }
}

const NULL_VALUE = Buffer.from('NULL":true}');
/** How values that are no scalars of text begin. */
const OTHERS = ['M":{', 'L":[', 'B":"', 'SS":[', 'NS":[', 'BS":[', 'NULL":true}'].map((kind) =>
  Buffer.from(kind),
);
const AFTER_NAME = Buffer.from(':{"');
const TRUE = Buffer.from('BOOL":true}');
const FALSE = Buffer.from('BOOL":false}');
