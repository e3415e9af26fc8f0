import type { Key } from '../pipeline/item/key.ts';
import { MAX_ROW_BYTES, MAX_ROWS_CHARACTERS } from '../pipeline/mapping/item-bounds.ts';
import type { ItemMapping } from '../pipeline/mapping/mapping.ts';
import { NO_COLUMN } from '../pipeline/mapping/place.ts';
import { COMMA, LINE_FEED, QUOTE, writeInteger } from './bytes.ts';
import { writeUnescaped } from './escapes.ts';
import { ItemHead } from './item-head.ts';
import { Notes } from './notes.ts';
import type { Page } from './page.ts';
import { Cell, type Node, type OutputProgram, type TableProgram } from './program.ts';
import { SHRED } from './shred-instead.ts';
import { copyWords, SPARE_BYTES } from './words.ts';

/** Longer values are copied by a call into the engine, shorter ones word by word. */
const SHORT_BYTES = 256;
/** The most bytes of an integer with its quotes and comma. */
const INTEGER_BYTES = 16;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/**
 * The rows of the current item, in all tables, and what its values add to their tallies. Nothing counts before `keep`;
 * `undo` takes all of it back.
 */
export class ItemRows {
  readonly head: ItemHead;
  readonly #page: Page;
  readonly #null: Uint8Array;
  readonly #notes = new Notes();
  /** The tables in which the item has rows, and the layouts that these are in. What is beyond the counts is older. */
  readonly #tables: TableProgram[] = [];
  #tableCount = 0;
  readonly #outputs: OutputProgram[] = [];
  #outputCount = 0;
  /** The bytes of keys, positions and NULLs in the item's rows so far. */
  #repeatedBytes = 0;
  /** The bytes of all rows of all items that were kept. */
  writtenBytes = 0;

  /** @param nullText what means NULL in the rows */
  constructor(
    page: Page,
    options: {
      readonly key: Key;
      readonly mapping: Pick<ItemMapping, 'entities' | 'where'>;
      readonly nullText: string;
    },
  ) {
    this.#page = page;
    this.#null = Buffer.from(options.nullText, 'utf8');
    this.head = new ItemHead(options.key, options.mapping, options.nullText);
  }

  /** Counts the item's rows and values. */
  keep(): void {
    this.#notes.add();
    for (let i = 0; i < this.#tableCount; i++) {
      const program = this.#tables[i] as TableProgram;
      program.table.rows += program.itemRows;
    }
    for (let i = 0; i < this.#outputCount; i++) {
      const { rows, itemRows, itemStart } = this.#outputs[i] as OutputProgram;
      if (rows === undefined) continue;
      this.writtenBytes += rows.length - itemStart;
      rows.rows += itemRows;
    }
    this.#forget();
  }

  /** Takes the item's rows and values back, also of a row that was begun. */
  undo(): void {
    this.#notes.forget();
    for (let i = 0; i < this.#tableCount; i++) {
      clear(this.#tables[i] as TableProgram);
    }
    for (let i = 0; i < this.#outputCount; i++) {
      const { rows, itemStart } = this.#outputs[i] as OutputProgram;
      if (rows !== undefined) rows.length = itemStart;
    }
    this.#forget();
  }

  #forget(): void {
    for (let i = 0; i < this.#tableCount; i++) (this.#tables[i] as TableProgram).itemRows = 0;
    for (let i = 0; i < this.#outputCount; i++) (this.#outputs[i] as OutputProgram).itemRows = 0;
    this.#tableCount = 0;
    this.#outputCount = 0;
    this.#repeatedBytes = 0;
  }

  /** @throws SHRED */
  begin(program: TableProgram): void {
    if (program.outputs.length === 0) throw SHRED;
    this.#repeatedBytes += this.head.prefix.length + program.columns * (this.#null.length + 1);
    if (this.#repeatedBytes > MAX_ROWS_CHARACTERS) throw SHRED;
    if (program.itemRows++ === 0) this.#tables[this.#tableCount++] = program;
    program.valueBytes = 0;
  }

  /** Begins a row of a list's or set's member. Returns what `endMember` needs. */
  beginMember(program: TableProgram, position: number): number {
    const { prefix } = this.head;
    const outer = prefix.length;
    prefix.addInteger(position);
    this.begin(program);
    return outer;
  }

  endMember(program: TableProgram, outer: number): void {
    this.end(program);
    this.head.prefix.length = outer;
  }

  /** A value with a text. @throws SHRED if it has no column */
  note(node: Node, traits: number, amount: number, integerDigits: number, scale: number): void {
    if (node.scalarColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.scalars, traits, amount, integerDigits, scale);
  }

  /** The name of a map's entry, which is in the prefix. */
  noteEntryName({ entryName }: TableProgram, traits: number, amount: number): void {
    if (entryName === undefined) throw SHRED;
    this.#notes.note(entryName.scalars, traits, amount, 0, 0);
  }

  /** A value that VARCHAR cannot hold. @throws SHRED if it has no column */
  bytes(node: Node, hex: string): void {
    if (node.bytesColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.bytesTally(), 0, hex.length / 2, 0, 0);
    this.text(node, node.bytesColumn, `"${hex}"`);
  }

  /** A list, set or map of so many members. @throws SHRED if it has no column */
  count(node: Node, members: number): void {
    if (node.countColumn === NO_COLUMN) throw SHRED;
    this.#notes.note(node.place.countTally(), 0, members, 0, 0);
    this.cell(node, node.countColumn, Cell.INTEGER, members, members + INTEGER_BYTES);
  }

  /**
   * Fills a column of the current row.
   * @param column negative for keys and positions: those fields are in the prefix
   */
  cell({ table }: Node, column: number, kind: number, start: number, end: number): void {
    if (column < 0) return;
    fill(table, column);
    table.kinds[column] = kind;
    table.starts[column] = start;
    table.ends[column] = end;
    table.valueBytes += end - start + 2;
  }

  /** The same, with a field that is quoted already. */
  text({ table }: Node, column: number, text: string): void {
    if (column < 0) return;
    fill(table, column);
    table.kinds[column] = Cell.TEXT;
    table.texts[column] = text;
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    table.valueBytes += text.length * 3;
  }

  /** Writes the current row, if rows are written, and leaves all its columns NULL. @throws SHRED */
  end(program: TableProgram): void {
    const { kinds, starts, ends, filled } = program;
    const { prefix } = this.head;
    const nullBytes = this.#null;
    const output = narrowest(program);
    const { columns, rows } = output;
    const mostBytes = prefix.length + columns.length * (nullBytes.length + 1) + program.valueBytes + 1;
    if (rows === undefined) {
      if (mostBytes > MAX_ROW_BYTES) throw SHRED;
      clear(program);
      return;
    }
    rows.reserve(mostBytes + SPARE_BYTES);
    const page = this.#page.bytes;
    const pageWords = this.#page.words;
    const out = rows.bytes;
    const outWords = rows.words;
    const start = rows.length;
    let to = copyWords(prefix.words, 0, prefix.length, outWords, start);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      out[to++] = COMMA;
      const kind = kinds[column];
      if (kind === Cell.NULL) {
        for (let j = 0; j < nullBytes.length; j++) out[to++] = nullBytes[j] as number;
        continue;
      }
      kinds[column] = Cell.NULL;
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
          to = copyWords(pageWords, from, end, outWords, to);
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
    for (let word = 0; word < filled.length; word++) filled[word] = 0;
    if (output.itemRows++ === 0) {
      output.itemStart = start;
      this.#outputs[this.#outputCount++] = output;
    }
    rows.length = to;
  }
}

/** Makes all columns of the current row NULL. */
function clear({ kinds, filled }: TableProgram): void {
  kinds.fill(Cell.NULL);
  filled.fill(0);
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
