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
import { type EpochUnit, epochTime } from '../item/epoch.ts';
import type { Key, KeyAttribute } from '../item/key.ts';
import { numberText } from '../item/number.ts';
import { attributePath, isRoot, type Path, withoutAspect } from '../item/path.ts';
import { membersInOrder } from '../item/set-order.ts';
import { superJson } from '../item/whole-value.ts';
import type { Seen } from '../seen/seen.ts';
import * as seenBounds from '../seen/seen-bounds.ts';
import { Journal, Trait } from '../seen/tally.ts';
import { textForm } from '../seen/text-form.ts';
import { routeTest } from './entity-route.ts';
import { FOR_LOOKS, type Hiding, isHashing } from './hide/hiding.ts';
import { Withheld } from './hide/withheld.ts';
import {
  MAX_PATHS_CHARACTERS,
  MAX_ROW_BYTES,
  MAX_ROWS_CHARACTERS,
  PATHS_TOO_LONG,
  ROW_TOO_LONG,
  ROWS_TOO_LONG,
  TooCostly,
  tooLarge,
} from './item-bounds.ts';
import { type ItemMapping, NO_MAPPING, rootTables } from './mapping.ts';
import { type CutSeen, NO_COLUMN, type Output, type Place, placesOf, seenAt, type Table } from './place.ts';
import { KEY_IS_NULL_TEXT, KEY_TOO_LONG, KEY_WITH_NUL, KEY_WITH_SURROGATE } from './reject-advice.ts';
import { RowFilter } from './row-filter.ts';
import { Treat, Treatments } from './treatment.ts';

/** Receives the rows of one table, from items that fit the layouts. */
interface RowSink {
  /**
   * Appends one item's rows of the table. `text` is CSV that ends with a line feed. Called once per item that has rows
   * in the table, and only if the whole item fits.
   */
  append(text: string, rows: number): void;
}

/** The result of shredding an item. */
export type Shredded =
  /** Its rows went to the sinks. */
  | { readonly kind: 'rows' }
  /** The layouts have no column or table for something in it. No rows were made, but what was seen is recorded. */
  | { readonly kind: 'odd' }
  /** It does not meet the conditions of `where`. It leaves no trace. */
  | { readonly kind: 'filtered' }
  /** It cannot be written exactly, or costs too much. No rows were made and nothing is recorded. The reason quotes no values. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly path: Path };

export interface ShredderOptions {
  readonly key: Key;
  readonly layouts: readonly Layout[];
  /** The pipeline's settings for single paths, depth and entities. */
  readonly mapping?: ItemMapping;
  /**
   * Layouts of some of a layout's columns, for rows that have no others; the narrowest of a table first. See
   * row-shapes.ts.
   */
  readonly shapes?: readonly Layout[];
  /** One per layout, then one per shape, in the same order. Omitted if only what is seen matters. */
  readonly sinks?: readonly RowSink[];
  /** Called with the fields of every row that fits its layout, after key and positions. */
  readonly onRow?: (layout: number, cells: readonly string[]) => void;
  /** What means NULL in the rows; default: `NULL_TEXT`. */
  readonly nullText?: string;
  /** How values are hidden; default: `FOR_LOOKS`, if there are no sinks. */
  readonly hiding?: Hiding;
}

export type Shredder = ItemShredder;

/**
 * A shredder for the items of one table, which makes rows with the columns of these layouts.
 * @throws Error if two layouts share a table, if a layout's table is not one that items can go to, or if the
 *   numbers of sinks and layouts differ, or if there are sinks but no hash that the mapping needs, or if the mapping hides the key.
 */
export function createShredder(options: ShredderOptions): Shredder {
  return new ItemShredder(options);
}

export interface RowCounts {
  /** Rows that went to the sinks, by table path. */
  readonly written: ReadonlyMap<Path, number>;
  /** Rows that odd items will have once they are encoded, by table path. */
  readonly odd: ReadonlyMap<Path, number>;
}

/** Roughly what a remembered place takes in memory, without its path. */
const BYTES_PER_PLACE = 500;
const AS_ROWS: Shredded = { kind: 'rows' };
const AS_ODD: Shredded = { kind: 'odd' };
const FILTERED: Shredded = { kind: 'filtered' };

const SURROGATE = 'a string contains half of a surrogate pair, which UTF-8 cannot encode';
const ENTRY_NAME = 'a map with asRows has an entry whose name VARCHAR cannot hold';

/**
 * Turns items into rows of the root table and of one table per list and set. It walks each item once and records what
 * it sees. It does not know where items come from or where rows go.
 *
 * The text of a value is the string itself, the number as `numberText` writes it, `true` or `false`, or the binary as
 * lower-case hexadecimal. VARCHAR cannot hold a string that is longer than 65,535 bytes, contains U+0000 or equals the
 * text that means NULL. For such a string, the column of form `bytes` at its path holds its UTF-8 as hexadecimal, and the
 * scalar column is NULL. The same holds for binary over 32,767 bytes, because its hexadecimal is too long for VARCHAR.
 * Only after everything was seen is it known whether its column is VARBYTE or, if it has other kinds, VARCHAR.
 *
 * A value kept whole (because it is too deep, or by the mapping) is one cell: see whole-value.ts. If a table's layout
 * has columns for the rest, all values of a row that have no column go there together.
 */
class ItemShredder {
  readonly layouts: readonly Layout[];
  readonly #key: Key;
  readonly #sinks: readonly RowSink[] | undefined;
  readonly #nullText: string;
  readonly #shapes: readonly Layout[];
  readonly #onRow: ShredderOptions['onRow'];
  readonly #journal = new Journal();
  readonly #treatments: Treatments;
  readonly #withheld: Withheld;
  readonly #filter: RowFilter | undefined;
  readonly #roots: readonly Path[];
  readonly #routes: readonly ((item: Item) => boolean)[];
  /** One tree of places per root. */
  #trees: Table[];
  /** The tables in which the current item has rows. */
  #touched: Table[] = [];
  /** The tables in which the current item has values at places that are forgotten. */
  #forgetting: Table[] = [];
  /** The current place, for errors. */
  #place: Place;
  /** Characters of keys, positions and NULLs in the current item's rows so far. */
  #rowsCharacters = 0;
  /** Characters of the paths of the current item's values so far. */
  #pathsCharacters = 0;
  /** Roughly the bytes that the places found since the last `takeSeen` take in memory. */
  #foundBytes = 0;
  #odd = false;
  #rejected: { kind: 'rejected'; reason: string; path: Path } | undefined;

  constructor(options: ShredderOptions) {
    const { key, layouts, shapes = [], mapping = NO_MAPPING, sinks, nullText = NULL_TEXT } = options;
    this.#key = key;
    this.#nullText = nullText;
    this.#shapes = shapes;
    this.#onRow = options.onRow;
    this.layouts = layouts;
    if (sinks !== undefined && sinks.length !== layouts.length + shapes.length) {
      throw new Error(`${layouts.length + shapes.length} layouts have ${sinks.length} sinks`);
    }
    if (sinks !== undefined && options.hiding === undefined && isHashing(mapping)) {
      throw new Error('rows with hashed values need the hash');
    }
    const { hiding = FOR_LOOKS } = options;
    this.#sinks = sinks;
    this.#treatments = new Treatments(mapping, hiding);
    this.#filter =
      hiding === 'before' || mapping.where === undefined ? undefined : new RowFilter(mapping.where);
    this.#withheld = new Withheld(mapping, key, hiding);
    this.#roots = rootTables(mapping);
    this.#routes = Object.values(mapping.entities).map((route) => routeTest(route, key));
    this.#trees = placesOf(layouts, shapes, key, this.#roots, this.#treatments);
    this.#place = this.#catchAll.place;
  }

  /**
   * Shreds one item. What it shows is recorded completely or, if it is rejected or this throws, not at all.
   * @throws Error if the item lacks its key or contains what DynamoDB cannot have sent: the page is damaged.
   */
  shred(item: Item): Shredded {
    this.#begin();
    try {
      if (this.#filter?.keepsItem(item) === false) return FILTERED;
      this.#walk(item);
    } catch (error) {
      if (error instanceof TooCostly) this.#reject(error.reason, this.#place.path);
      else if (error instanceof RangeError) this.#reject(tooLarge(error), this.#place.path);
      else throw damaged(this.#place.path, error);
    }
    if (this.#rejected !== undefined) return this.#rejected;
    this.#journal.add(this.#odd);
    if (this.#odd) for (const table of this.#forgetting) table.summarised = true;
    for (const table of this.#touched) {
      table.rows += table.itemRows;
      if (this.#odd) table.oddRows += table.itemRows;
      else {
        for (const { number, itemText, itemRows } of table.outputs) {
          if (itemRows > 0) this.#sinks?.[number]?.append(itemText, itemRows);
        }
      }
    }
    return this.#odd ? AS_ODD : AS_ROWS;
  }

  /** One tree of places per root table, with its tallies. They are those of the next `takeSeen`, which replaces them. */
  get trees(): readonly Table[] {
    return this.#trees;
  }

  /** The item as it may be kept whole: without what the mapping leaves out, and with hidden values. */
  kept(item: Item): Item {
    return this.#withheld.without(item, this.#rootFor(item).path);
  }

  /** Rows since the last `takeSeen`, by table. Tables without rows are omitted. */
  rowCounts(): RowCounts {
    const written = new Map<Path, number>();
    const odd = new Map<Path, number>();
    for (const table of this.#trees.flatMap((tree) => tree.withAllBelow())) {
      if (table.rows > table.oddRows) written.set(table.path, table.rows - table.oddRows);
      if (table.oddRows > 0) odd.set(table.path, table.oddRows);
    }
    return { written, odd };
  }

  /** Roughly the bytes of memory that what was seen takes, beyond the columns of the layouts. */
  get seenBytes(): number {
    return this.#foundBytes;
  }

  /** Returns what was seen since the last call, and resets the row counts as well. */
  takeSeen(): Seen {
    return this.takeCutSeen().seen;
  }

  /** The same, with what the odd items showed. */
  takeCutSeen(): CutSeen {
    const seen = seenAt(this.#trees);
    // New trees also drop the places of attributes without a column.
    this.#trees = placesOf(this.layouts, this.#shapes, this.#key, this.#roots, this.#treatments);
    this.#touched = [];
    this.#forgetting = [];
    this.#foundBytes = 0;
    return seen;
  }

  #walk(item: Item): void {
    const root = this.#rootFor(item);
    const fields = this.#keyFields(item, root);
    if (this.#rejected !== undefined) return;
    this.#beginRow(root, fields);
    this.#map(root.place, this.#withheld.without(item, root.path), fields);
    this.#endRow(root, fields);
  }

  get #catchAll(): Table {
    return this.#trees[0] as Table;
  }

  #rootFor(item: Item): Table {
    if (this.#routes.length === 0) return this.#catchAll;
    return this.#trees[this.#routes.findIndex((isOf) => isOf(item)) + 1] as Table;
  }

  #begin(): void {
    this.#place = this.#catchAll.place;
    this.#journal.forget();
    for (const table of this.#touched) {
      table.itemRows = 0;
      for (const output of table.outputs) {
        output.itemRows = 0;
        output.itemText = '';
      }
    }
    this.#touched.length = 0;
    this.#forgetting.length = 0;
    this.#rowsCharacters = 0;
    this.#pathsCharacters = 0;
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
        ? KEY_WITH_SURROGATE
        : bytes === HOLDS_NUL
          ? KEY_WITH_NUL
          : bytes > MAX_VARCHAR_BYTES
            ? KEY_TOO_LONG
            : content === this.#nullText
              ? KEY_IS_NULL_TEXT
              : undefined;
    if (reason !== undefined) this.#reject(reason, attributePath(root.path, name));
    return quoted(content);
  }

  /** @param fields the row's key and positions */
  #beginRow(table: Table, fields: string): void {
    this.#rowsCharacters += fields.length + table.cells.length * (this.#nullText.length + 1);
    if (this.#rowsCharacters > MAX_ROWS_CHARACTERS) throw new TooCostly(ROWS_TOO_LONG);
    if (table.itemRows++ === 0) this.#touched.push(table);
    table.cells.fill(this.#nullText);
    if (table.restValues.size > 0) table.restValues.clear();
    table.restCharacters = 0;
  }

  /** @param fields the row's key and positions */
  #endRow(table: Table, fields: string): void {
    if (table.rest !== undefined && table.restValues.size > 0) {
      this.#whole(table.rest, { M: Object.fromEntries(table.restValues) });
    }
    if (table.layout === NO_COLUMN) this.#odd = true;
    if (this.#odd) return;
    const { cells, outputs } = table;
    this.#onRow?.(table.layout, cells);
    const output = outputs.length === 1 ? (outputs[0] as Output) : this.#narrowest(cells, outputs);
    const written =
      output.columns.length === cells.length ? cells : output.columns.map((column) => cells[column]);
    const row = written.length === 0 ? `${fields}\n` : `${fields},${written.join(',')}\n`;
    // A UTF-16 unit is at most 3 bytes of UTF-8; each half of a surrogate pair counts 2.
    if (row.length * 3 > MAX_ROW_BYTES && Buffer.byteLength(row) > MAX_ROW_BYTES) {
      this.#reject(ROW_TOO_LONG, table.path);
    }
    output.itemText += row;
    output.itemRows++;
  }

  /** The narrowest layout that has all columns of a row. */
  #narrowest(cells: readonly string[], outputs: readonly Output[]): Output {
    const isFilled = (column: number) => cells[column] !== this.#nullText;
    const filled = cells.reduce((sum, _, column) => sum + (isFilled(column) ? 1 : 0), 0);
    const fits = ({ columns }: Output) =>
      columns.reduce((sum, column) => sum + (isFilled(column) ? 1 : 0), 0) === filled;
    return outputs.find(fits) as Output;
  }

  #map(place: Place, attributes: Readonly<Record<string, AttributeValue>>, fields: string): void {
    for (const name of Object.keys(attributes)) {
      let attribute = place.names?.get(name);
      if (attribute === undefined) {
        if (!name.isWellFormed()) {
          this.#reject(SURROGATE, place.path);
          continue;
        }
        // It leaves no trace, so it needs no place.
        if (isNull(attributes[name])) continue;
        attribute = this.#newAttribute(place, name);
      }
      this.#value(attribute, attributes[name] as AttributeValue, fields);
    }
  }

  /** The place of an attribute that was not found before. It is remembered if there is room: see seen-bounds.ts. */
  #newAttribute(place: Place, name: string): Place {
    const attribute = place.newAttribute(name);
    const { table, path } = attribute;
    const hasRoom =
      table.found < seenBounds.MAX_PATHS &&
      table.foundCharacters + path.length <= seenBounds.MAX_PATHS_CHARACTERS;
    if (place.forgotten || !hasRoom) {
      attribute.forgotten = true;
      if (!place.forgotten && this.#forgetting.at(-1) !== table) this.#forgetting.push(table);
      return attribute;
    }
    table.found++;
    table.foundCharacters += path.length;
    this.#foundBytes += BYTES_PER_PLACE + path.length;
    return place.remember(name, attribute);
  }

  #value(place: Place, value: AttributeValue, fields: string): void {
    this.#place = place;
    this.#pathsCharacters += place.path.length;
    if (this.#pathsCharacters > MAX_PATHS_CHARACTERS) throw new TooCostly(PATHS_TOO_LONG);
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
    // Inlines kindOf, which would allocate an array for every value.
    let kind = '';
    for (const name in value) kind = kind === '' ? name : 'several';
    const content: unknown = value?.[kind as keyof AttributeValue];
    if (kind === 'S' && typeof content === 'string') {
      this.#string(place, content);
    } else if (kind === 'N' && typeof content === 'string') {
      if (place.rules.epoch === undefined) this.#number(place, content);
      else this.#time(place, content, place.rules.epoch);
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
      throw new Error(`not a DynamoDB attribute value: ${shapeOf(value)}`);
    }
  }

  #list(place: Place, members: readonly AttributeValue[], fields: string, whole: AttributeValue): void {
    if (place.countColumn === NO_COLUMN && this.#putInRest(place, whole)) return;
    this.#journal.note(place.countTally(), 0, members.length, 0, 0);
    this.#put(place.table, place.countColumn, `"${members.length}"`);
    if (members.length === 0) return;
    const table = place.memberTable();
    for (let i = 0; i < members.length; i++) {
      const memberFields = `${fields},"${i}"`;
      this.#beginRow(table, memberFields);
      this.#value(table.place, members[i] as AttributeValue, memberFields);
      this.#endRow(table, memberFields);
    }
  }

  /** Makes a row of every entry of a map. An empty map leaves no trace, like any empty map. */
  #entries(place: Place, entries: Readonly<Record<string, AttributeValue>>, fields: string): void {
    const names = Object.keys(entries);
    if (names.length === 0) return;
    if (place.countColumn === NO_COLUMN && this.#putInRest(place, { M: entries })) return;
    this.#journal.note(place.countTally(), 0, names.length, 0, 0);
    this.#put(place.table, place.countColumn, `"${names.length}"`);
    const table = place.entryTable();
    const key = table.place.aspect('key');
    for (const name of names) {
      const bytes = measure(name);
      if (bytes < 0 || bytes > MAX_VARCHAR_BYTES || name === this.#nullText) {
        this.#reject(ENTRY_NAME, place.path);
        return;
      }
      const entryFields = `${fields},${quoted(name)}`;
      this.#beginRow(table, entryFields);
      this.#journal.note(key.scalars, Trait.S | Trait.other, bytes, 0, 0);
      this.#value(table.place, entries[name] as AttributeValue, entryFields);
      this.#endRow(table, entryFields);
    }
  }

  /** @param place the aspect, of a value or a row, that is kept whole */
  #whole(place: Place, value: AttributeValue): void {
    const json = superJson(value);
    if (json === undefined) {
      this.#bytes(place, hexOfText(JSON.stringify(value)), value);
      return;
    }
    if (place.scalarColumn === NO_COLUMN && this.#putInRest(place, value)) return;
    this.#journal.note(place.scalars, Trait.JSON, Buffer.byteLength(json), 0, 0);
    this.#put(place.table, place.scalarColumn, quoted(json));
  }

  /** Puts a value without a column with the rest of its row. Returns false if its table has no column for the rest. */
  #putInRest(place: Place, value: AttributeValue): boolean {
    const { table } = place;
    if (table.rest === undefined) return false;
    const path = pathInRow(table.path, place.path);
    table.restCharacters += path.length;
    if (table.restCharacters > MAX_ROW_BYTES) throw new TooCostly(ROW_TOO_LONG);
    table.restValues.set(path, value);
    return true;
  }

  #string(place: Place, text: string): void {
    const bytes = measure(text);
    if (bytes === 0 && place.rules.emptyIsNull) return;
    if (bytes === UNPAIRED_SURROGATE) {
      this.#reject(SURROGATE, place.path);
    } else if (bytes === HOLDS_NUL || bytes > MAX_VARCHAR_BYTES || text === this.#nullText) {
      this.#bytes(place, hexOfText(text), { S: text });
    } else if (place.scalarColumn !== NO_COLUMN || !this.#putInRest(place, { S: text })) {
      this.#journal.note(place.scalars, Trait.S | Trait[textForm(text)], bytes, 0, 0);
      this.#put(place.table, place.scalarColumn, quoted(text));
    }
  }

  #number(place: Place, n: string): void {
    if (place.scalarColumn === NO_COLUMN && this.#putInRest(place, { N: n })) return;
    const { text, integerDigits, scale, int64, exponent } = numberText(n);
    const traits = Trait.N | (int64 ? 0 : Trait.NOT_INT64) | (exponent ? Trait.EXPONENT : 0);
    this.#journal.note(place.scalars, traits, text.length, integerDigits, scale);
    this.#put(place.table, place.scalarColumn, `"${text}"`);
  }

  /** A number that is a time. One that is none exactly has a column of its own. */
  #time(place: Place, n: string, epoch: EpochUnit): void {
    const time = epochTime(n, epoch);
    if (time === undefined) this.#number(place.aspect('n'), n);
    else this.#scalar(place, time, Trait.S | Trait.timestamp, { S: time });
  }

  #binary(place: Place, base64: string): void {
    const hex = hexOfBase64(base64);
    if (hex.length > MAX_VARCHAR_BYTES) this.#bytes(place, hex, { B: base64 });
    else this.#scalar(place, hex, hex === '' ? Trait.emptyB : Trait.B, { B: base64 });
  }

  /** Puts a value whose text is ASCII without quotes. */
  #scalar(place: Place, text: string, traits: number, value: AttributeValue): void {
    if (place.scalarColumn === NO_COLUMN && this.#putInRest(place, value)) return;
    this.#journal.note(place.scalars, traits, text.length, 0, 0);
    this.#put(place.table, place.scalarColumn, `"${text}"`);
  }

  #bytes(place: Place, hex: string, value: AttributeValue): void {
    if (place.bytesColumn === NO_COLUMN && this.#putInRest(place, value)) return;
    this.#journal.note(place.bytesTally(), 0, hex.length / 2, 0, 0);
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

/** A value's path relative to its row, without the aspect that distinguishes its columns. */
function pathInRow(table: Path, path: Path): Path {
  const below = withoutAspect(path).slice(table.length);
  return below.startsWith('.') ? below.slice(1) : below;
}

function isNull(value: AttributeValue | undefined): boolean {
  let isOnly = false;
  for (const kind in value) isOnly = kind === 'NULL' && !isOnly;
  return isOnly;
}

const isObject = (content: unknown) =>
  typeof content === 'object' && content !== null && !Array.isArray(content);

const areTexts = (content: unknown): content is string[] =>
  Array.isArray(content) && content.every((member) => typeof member === 'string');

/** Shows names only: errors appear in logs and histories, where data does not belong. */
const shapeOf = (value: unknown) =>
  isObject(value) ? `{${Object.keys(value as object).join(', ')}}` : value === null ? 'null' : typeof value;

function damaged(path: Path, cause: unknown): Error {
  const where = isRoot(path) ? 'an item' : `the attribute ${path} of an item`;
  const what = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${where}: ${what}. The page was damaged in transit, or it belongs to another table.`, {
    cause,
  });
}
