import type { Layout } from '../columns/layout.ts';
import { type AttributeValue, type Item, type Kind, kindOf } from '../item/attribute.ts';
import {
  HOLDS_NUL,
  hexOfBase64,
  hexOfText,
  MAX_VARCHAR_BYTES,
  measure,
  NULL_TEXT,
  quoted,
  UNPAIRED_SURROGATE,
} from '../item/csv.ts';
import type { Key, KeyAttribute } from '../item/key.ts';
import { numberText } from '../item/number.ts';
import { attributePath, isRoot, type Path, withoutAspect } from '../item/path.ts';
import { membersInOrder } from '../item/set-order.ts';
import { superJson } from '../item/whole-value.ts';
import type { Seen } from '../seen/seen.ts';
import { Journal, Trait } from '../seen/tally.ts';
import { textForm } from '../seen/text-form.ts';
import { routeTest } from './entity-route.ts';
import { type Mapping, NO_MAPPING, rootTables } from './mapping.ts';
import { NO_COLUMN, type Place, placesOf, seenAt, type Table } from './place.ts';
import { Treat, Treatments } from './treatment.ts';

/** Takes the rows of items that fit the layouts. */
interface RowSink {
  /**
   * Rows of one item for the table of `layouts[layout]`: CSV text with its last line feed. Called once per table
   * and item, only when the whole item fits.
   */
  append(layout: number, text: string, rows: number): void;
}

/** What became of an item. */
type Shredded =
  /** Its rows went to the sink. */
  | { readonly kind: 'rows' }
  /** Something in it has no column or table in the layouts: no rows were made, what it showed is recorded. */
  | { readonly kind: 'odd' }
  /** It cannot be written exactly: no rows, nothing recorded. The reason names no value, so that it can be counted. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly path: Path };

export interface ShredderOptions {
  readonly key: Key;
  readonly layouts: readonly Layout[];
  /** What the pipeline says of single paths, of depth and of entities. */
  readonly mapping?: Pick<Mapping, 'columns' | 'maxDepth' | 'entities'>;
  /** Left out where only what is seen matters. */
  readonly sink?: RowSink;
}

export type Shredder = ItemShredder;

/** A shredder for items of one table that puts their rows into the columns of these layouts. */
export function createShredder(options: ShredderOptions): Shredder {
  return new ItemShredder(options);
}

export interface RowCounts {
  /** Table path → rows handed to the sink. */
  readonly written: ReadonlyMap<Path, number>;
  /** Table path → rows that odd items will make when they are encoded. */
  readonly odd: ReadonlyMap<Path, number>;
}

const AS_ROWS: Shredded = { kind: 'rows' };
const AS_ODD: Shredded = { kind: 'odd' };

const SURROGATE = 'a string holds half of a surrogate pair, which UTF-8 cannot write';
const NAME_NOT_HELD = 'a map whose entries are rows has an entry with a name that VARCHAR cannot hold';
const KEY_WITH_NUL = 'a key holds U+0000, which VARCHAR cannot hold';
const KEY_TOO_LONG = `a key is over ${MAX_VARCHAR_BYTES} bytes, which VARCHAR cannot hold`;
const KEY_IS_SENTINEL = `a key is ${NULL_TEXT}, which stands for NULL in the part files`;

/**
 * Turns items into rows of the root table and of one table for each list and set, in one walk over each item,
 * and records what it saw on the way. It knows nothing of where items come from or where rows go.
 *
 * The text of a value is: a string itself, a number as `numberText` writes it, `true` or `false`, binary as
 * lower-case hexadecimal. A string that VARCHAR cannot hold (over 65,535 bytes, with U+0000, equal to the NULL
 * sentinel) stands as hexadecimal of its UTF-8 in the column of form `bytes` at its path, and the scalar column
 * is NULL. Binary over 32,767 bytes stands there too: its hexadecimal would be too long for VARCHAR, and whether
 * the column will be VARBYTE or, with other kinds in it, VARCHAR is known only when all has been seen.
 *
 * A value kept whole (too deep, or because the mapping says so) is one cell: see whole-value.ts. Where a table's
 * layout has a column for the rest, a value without a column of its own goes there, its row's all together.
 */
class ItemShredder {
  readonly layouts: readonly Layout[];
  readonly #key: Key;
  readonly #sink: RowSink | undefined;
  readonly #journal = new Journal();
  readonly #treatments: Treatments;
  readonly #roots: readonly Path[];
  readonly #routes: readonly ((item: Item) => boolean)[];
  /** One tree of places for each of the roots. */
  #trees: Table[];
  /** The tables that the item in hand has rows in. */
  #touched: Table[] = [];
  /** The place being looked at, for errors. */
  #place: Place;
  #odd = false;
  #rejected: { kind: 'rejected'; reason: string; path: Path } | undefined;

  constructor({ key, layouts, mapping = NO_MAPPING, sink }: ShredderOptions) {
    this.#key = key;
    this.layouts = layouts;
    this.#sink = sink;
    this.#treatments = new Treatments(mapping);
    this.#roots = rootTables(mapping);
    this.#routes = Object.values(mapping.entities).map((route) => routeTest(route, key));
    this.#trees = placesOf(layouts, key, this.#roots, this.#treatments);
    this.#place = this.#catchAll.place;
  }

  /**
   * Shreds one item. What it showed is recorded wholly or, where it is rejected or this throws, not at all.
   * @throws Error when the item lacks its key or holds what DynamoDB cannot have sent: the page is damaged.
   */
  shred(item: Item): Shredded {
    this.#begin();
    try {
      this.#walk(item);
    } catch (error) {
      throw damaged(this.#place.path, error);
    }
    if (this.#rejected !== undefined) return this.#rejected;
    this.#journal.add();
    for (const table of this.#touched) {
      table.rows += table.itemRows;
      if (this.#odd) table.oddRows += table.itemRows;
      else this.#sink?.append(table.layout, table.itemText, table.itemRows);
    }
    return this.#odd ? AS_ODD : AS_ROWS;
  }

  /** Rows made since the last take of what was seen, by table; tables without any are left out. */
  rowCounts(): RowCounts {
    const written = new Map<Path, number>();
    const odd = new Map<Path, number>();
    for (const table of this.#trees.flatMap((tree) => tree.withAllBelow())) {
      if (table.rows > table.oddRows) written.set(table.path, table.rows - table.oddRows);
      if (table.oddRows > 0) odd.set(table.path, table.oddRows);
    }
    return { written, odd };
  }

  /** What was seen since the last take. Row counts begin anew too. */
  takeSeen(): Seen {
    const seen = seenAt(this.#trees);
    // New trees also let go of the places of attributes that have no column: there may be any number of them.
    this.#trees = placesOf(this.layouts, this.#key, this.#roots, this.#treatments);
    this.#touched = [];
    return seen;
  }

  #walk(item: Item): void {
    const root = this.#routes.length === 0 ? this.#catchAll : this.#rootFor(item);
    const fields = this.#keyFields(item, root);
    if (this.#rejected !== undefined) return;
    this.#beginRow(root);
    this.#map(root.place, item, fields);
    this.#endRow(root, fields);
  }

  get #catchAll(): Table {
    return this.#trees[0] as Table;
  }

  #rootFor(item: Item): Table {
    return this.#trees[this.#routes.findIndex((isOf) => isOf(item)) + 1] as Table;
  }

  #begin(): void {
    this.#place = this.#catchAll.place;
    this.#journal.forget();
    for (const table of this.#touched) {
      table.itemRows = 0;
      table.itemText = '';
    }
    this.#touched.length = 0;
    this.#odd = false;
    this.#rejected = undefined;
  }

  #keyFields(item: Item, root: Table): string {
    let fields = '';
    for (const attribute of this.#key) {
      const field = this.#keyField(item, attribute, root);
      fields = fields === '' ? field : `${fields},${field}`;
    }
    return fields;
  }

  #keyField(item: Item, { name, kind }: KeyAttribute, root: Table): string {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    const content = value === undefined ? undefined : (value as Record<string, unknown>)[kind];
    if (typeof content !== 'string') {
      throw new Error(`the key attribute ${JSON.stringify(name)} of kind ${kind} is missing`);
    }
    if (kind === 'N') return quoted(numberText(content).text);
    if (kind === 'B') return quoted(hexOfBase64(content));
    const bytes = measure(content);
    const reason =
      bytes === UNPAIRED_SURROGATE
        ? SURROGATE
        : bytes === HOLDS_NUL
          ? KEY_WITH_NUL
          : bytes > MAX_VARCHAR_BYTES
            ? KEY_TOO_LONG
            : content === NULL_TEXT
              ? KEY_IS_SENTINEL
              : undefined;
    if (reason !== undefined) this.#reject(reason, attributePath(root.path, name));
    return quoted(content);
  }

  #beginRow(table: Table): void {
    if (table.itemRows++ === 0) this.#touched.push(table);
    table.cells.fill(NULL_TEXT);
    if (table.left.size > 0) table.left.clear();
  }

  /** `fields` are the row's key and positions. */
  #endRow(table: Table, fields: string): void {
    if (table.rest !== undefined && table.left.size > 0) {
      this.#whole(table.rest, { M: Object.fromEntries(table.left) });
    }
    if (table.layout === NO_COLUMN) this.#odd = true;
    if (this.#odd) return;
    table.itemText += table.cells.length === 0 ? `${fields}\n` : `${fields},${table.cells.join(',')}\n`;
  }

  #map(place: Place, attributes: Readonly<Record<string, AttributeValue>>, fields: string): void {
    for (const name of Object.keys(attributes)) {
      let attribute = place.names.get(name);
      if (attribute === undefined) {
        if (!name.isWellFormed()) {
          this.#reject(SURROGATE, place.path);
          continue;
        }
        attribute = place.attribute(name);
      }
      this.#value(attribute, attributes[name] as AttributeValue, fields);
    }
  }

  #value(place: Place, value: AttributeValue, fields: string): void {
    this.#place = place;
    if (place.treatment === 0) this.#usual(place, value, fields);
    else this.#treated(place, value, fields);
  }

  #treated(place: Place, value: AttributeValue, fields: string): void {
    const { treatment } = place;
    if (treatment & Treat.IGNORE) return;
    const kind = kindOf(value);
    const isContainer = CONTAINERS.has(kind);
    if (treatment & Treat.WHOLE || (treatment & Treat.DEEP && isContainer)) {
      if (kind !== 'NULL') this.#whole(place.aspect('super'), value);
    } else if (treatment & Treat.ROWS && 'M' in value && isObject(value.M)) {
      this.#entries(place, value.M, fields);
    } else if (treatment & Treat.SPLIT && !isContainer && kind !== 'NULL') {
      this.#usual(place.aspect(kind.toLowerCase() as 's' | 'n' | 'b' | 'bool'), value, fields);
    } else {
      this.#usual(place, value, fields);
    }
  }

  #usual(place: Place, value: AttributeValue, fields: string): void {
    // What kindOf does, without making an array for every value.
    let kind = '';
    for (const name in value) kind = kind === '' ? name : 'several';
    const content: unknown = value?.[kind as keyof AttributeValue];
    if (kind === 'S' && typeof content === 'string') {
      this.#string(place, content);
    } else if (kind === 'N' && typeof content === 'string') {
      this.#number(place, content);
    } else if (kind === 'M' && isObject(content)) {
      this.#map(place, content as Readonly<Record<string, AttributeValue>>, fields);
    } else if (kind === 'L' && Array.isArray(content)) {
      this.#list(place, content, fields, value);
    } else if (kind === 'BOOL' && typeof content === 'boolean') {
      this.#scalar(place, content ? 'true' : 'false', Trait.BOOL, value);
    } else if (kind === 'B' && typeof content === 'string') {
      this.#binary(place, content);
    } else if ((kind === 'SS' || kind === 'NS' || kind === 'BS') && areTexts(content)) {
      this.#list(place, membersInOrder(kind, content), fields, value);
    } else if (kind !== 'NULL') {
      throw new Error(`not an attribute value of DynamoDB's: ${shapeOf(value)}`);
    }
  }

  #list(place: Place, members: readonly AttributeValue[], fields: string, whole: AttributeValue): void {
    if (place.countColumn === NO_COLUMN && this.#left(place, whole)) return;
    this.#journal.note(place.counts, 0, members.length, 0, 0);
    this.#put(place.table, place.countColumn, `"${members.length}"`);
    if (members.length === 0) return;
    const table = place.memberTable();
    for (let i = 0; i < members.length; i++) {
      const memberFields = `${fields},"${i}"`;
      this.#beginRow(table);
      this.#value(table.place, members[i] as AttributeValue, memberFields);
      this.#endRow(table, memberFields);
    }
  }

  /** A map whose entries are rows. An empty one leaves no trace, like every empty map. */
  #entries(place: Place, entries: Readonly<Record<string, AttributeValue>>, fields: string): void {
    const names = Object.keys(entries);
    if (names.length === 0) return;
    if (place.countColumn === NO_COLUMN && this.#left(place, { M: entries })) return;
    this.#journal.note(place.counts, 0, names.length, 0, 0);
    this.#put(place.table, place.countColumn, `"${names.length}"`);
    const table = place.entryTable();
    const key = table.place.aspect('key');
    for (const name of names) {
      const bytes = measure(name);
      if (bytes < 0 || bytes > MAX_VARCHAR_BYTES || name === NULL_TEXT) {
        this.#reject(NAME_NOT_HELD, place.path);
        return;
      }
      const entryFields = `${fields},${quoted(name)}`;
      this.#beginRow(table);
      this.#journal.note(key.scalars, Trait.S | Trait.other, bytes, 0, 0);
      this.#value(table.place, entries[name] as AttributeValue, entryFields);
      this.#endRow(table, entryFields);
    }
  }

  /** `place` is the aspect of a value, or of a row, that is kept whole. */
  #whole(place: Place, value: AttributeValue): void {
    const json = superJson(value);
    if (json === undefined) {
      this.#bytes(place, hexOfText(JSON.stringify(value)), value);
      return;
    }
    if (place.scalarColumn === NO_COLUMN && this.#left(place, value)) return;
    this.#journal.note(place.scalars, Trait.JSON, Buffer.byteLength(json), 0, 0);
    this.#put(place.table, place.scalarColumn, quoted(json));
  }

  /** Whether a value without a column goes with the rest of its row. */
  #left(place: Place, value: AttributeValue): boolean {
    const { rest, left, path } = place.table;
    if (rest === undefined) return false;
    left.set(pathInRow(path, place.path), value);
    return true;
  }

  #string(place: Place, text: string): void {
    const bytes = measure(text);
    if (bytes === UNPAIRED_SURROGATE) {
      this.#reject(SURROGATE, place.path);
    } else if (bytes === HOLDS_NUL || bytes > MAX_VARCHAR_BYTES || text === NULL_TEXT) {
      this.#bytes(place, hexOfText(text), { S: text });
    } else if (place.scalarColumn !== NO_COLUMN || !this.#left(place, { S: text })) {
      this.#journal.note(place.scalars, Trait.S | Trait[textForm(text)], bytes, 0, 0);
      this.#put(place.table, place.scalarColumn, quoted(text));
    }
  }

  #number(place: Place, n: string): void {
    if (place.scalarColumn === NO_COLUMN && this.#left(place, { N: n })) return;
    const { text, integerDigits, scale, int64, exponent } = numberText(n);
    const traits = Trait.N | (int64 ? 0 : Trait.NOT_INT64) | (exponent ? Trait.EXPONENT : 0);
    this.#journal.note(place.scalars, traits, text.length, integerDigits, scale);
    this.#put(place.table, place.scalarColumn, `"${text}"`);
  }

  #binary(place: Place, base64: string): void {
    const hex = hexOfBase64(base64);
    if (hex.length > MAX_VARCHAR_BYTES) this.#bytes(place, hex, { B: base64 });
    else this.#scalar(place, hex, hex === '' ? Trait.emptyB : Trait.B, { B: base64 });
  }

  /** A value whose text is ASCII and holds no quote. */
  #scalar(place: Place, text: string, traits: number, value: AttributeValue): void {
    if (place.scalarColumn === NO_COLUMN && this.#left(place, value)) return;
    this.#journal.note(place.scalars, traits, text.length, 0, 0);
    this.#put(place.table, place.scalarColumn, `"${text}"`);
  }

  #bytes(place: Place, hex: string, value: AttributeValue): void {
    if (place.bytesColumn === NO_COLUMN && this.#left(place, value)) return;
    this.#journal.note(place.bytes, 0, hex.length / 2, 0, 0);
    this.#put(place.table, place.bytesColumn, `"${hex}"`);
  }

  #put(table: Table, column: number, field: string): void {
    if (column >= 0) table.cells[column] = field;
    else if (column === NO_COLUMN) this.#odd = true;
  }

  #reject(reason: string, path: Path): void {
    this.#rejected ??= { kind: 'rejected', reason, path };
  }
}

const CONTAINERS: ReadonlySet<Kind> = new Set(['M', 'L', 'SS', 'NS', 'BS']);

/** Where a value stands in its row, without what tells one of its columns from another. */
function pathInRow(table: Path, path: Path): Path {
  const below = withoutAspect(path).slice(table.length);
  return below.startsWith('.') ? below.slice(1) : below;
}

const isObject = (content: unknown) =>
  typeof content === 'object' && content !== null && !Array.isArray(content);

const areTexts = (content: unknown): content is string[] =>
  Array.isArray(content) && content.every((member) => typeof member === 'string');

/** Names only: errors end up in logs and histories, where data does not belong. */
const shapeOf = (value: unknown) =>
  isObject(value) ? `{${Object.keys(value as object).join(', ')}}` : value === null ? 'null' : typeof value;

function damaged(path: Path, cause: unknown): Error {
  const where = isRoot(path) ? 'an item' : `the attribute ${path} of an item`;
  const what = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${where}: ${what}; the page was damaged on its way, or is of another table`, { cause });
}
