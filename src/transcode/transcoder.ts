import type { Key } from '../pipeline/item/key.ts';
import { containersOf, isRoot, type Path, tableOf } from '../pipeline/item/path.ts';
import { MAX_PATHS_CHARACTERS } from '../pipeline/mapping/item-bounds.ts';
import type { ItemMapping } from '../pipeline/mapping/mapping.ts';
import { addPlaces, type Table } from '../pipeline/mapping/place.ts';
import { Included, leftOut } from '../pipeline/mapping/selection.ts';
import { afterBlanks, COMMA, OPEN_BRACE, skipValue } from './bytes.ts';
import { ItemRows } from './item-rows.ts';
import { Page } from './page.ts';
import { TableProgram } from './program.ts';
import type { RowBuffer } from './row-buffer.ts';
import { SHRED } from './shred-instead.ts';
import { Walk } from './walk.ts';

/**
 * Turns the bytes of pages into the bytes of rows, with nothing in between: the same rows as the shredder's, which are
 * noted in the same tallies. An item with anything that the layouts or this walk do not know goes to the shredder.
 *
 * An item is all or nothing, as in the shredder: its rows and notes count only once all of it is written.
 */
export class Transcoder {
  readonly #roots: readonly TableProgram[];
  readonly #page = new Page();
  readonly #rows: ItemRows;
  readonly #walk: Walk;
  readonly #shred: (item: Buffer) => void;
  #filtered = 0;

  /**
   * @param trees the shredder's, one per root table in the order of `rootTables`
   * @param buffers one per layout, then one per shape, in the order of those that the trees were made of. Omitted if
   *   only what is seen matters: no rows are written then.
   * @param nullText what means NULL in the rows
   * @param shred takes an item's JSON
   */
  constructor(options: {
    readonly trees: readonly Table[];
    readonly key: Key;
    readonly mapping: ItemMapping;
    readonly buffers?: readonly RowBuffer[];
    readonly nullText: string;
    readonly shred: (item: Buffer) => void;
  }) {
    const { trees, key, nullText } = options;
    const { columns, maxDepth, emptyAsNull = false } = options.mapping;
    const keepsWhole = Object.values(columns).some(({ asSuper }) => asSuper);
    const keepsEmpty = Object.values(columns).some((column) => column.emptyAsNull === false);
    const ignored = leftOut(options.mapping);
    // Neither has a column unless the layouts say so. What is ignored is no surprise, and what is not included has no name.
    addPlaces(trees, [...ignored, ...includedPlaces(options.mapping)]);
    const context = { buffers: options.buffers, withheld: ignored };
    this.#roots = trees.map((tree) => new TableProgram(tree, context));
    const longestPath = trees
      .flatMap((tree) => tree.withAllBelow())
      .flatMap((table) => table.places())
      .reduce((most, { path }) => Math.max(most, path.length), 1);
    this.#rows = new ItemRows(this.#page, { key, mapping: options.mapping, nullText });
    this.#walk = new Walk(this.#page, this.#rows, {
      nullText,
      maxValues: Math.floor(MAX_PATHS_CHARACTERS / longestPath),
      wholeFrom: keepsWhole ? 0 : maxDepth,
      skipsEmpty: emptyAsNull && !keepsWhole && !keepsEmpty,
    });
    this.#shred = options.shred;
  }

  /** The items that it found not to meet the conditions of `where`. */
  get filtered(): number {
    return this.#filtered;
  }

  /** The bytes of all rows that it wrote itself. */
  get writtenBytes(): number {
    return this.#rows.writtenBytes;
  }

  /**
   * Takes the item that starts at `at`. Returns the index after it; -1 if no object starts there, or the bytes end before
   * it does.
   */
  take(page: Buffer, at: number): number {
    if (page[at] !== OPEN_BRACE) return -1;
    this.#page.turnTo(page);
    try {
      const end = this.#item(at);
      this.#rows.keep();
      return end;
    } catch (error) {
      this.#rows.undo();
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
    const rows = this.#rows;
    rows.head.read(this.#page.bytes, at + 1);
    if (!rows.head.isKept) {
      const end = this.#page.skip(at);
      this.#filtered++;
      return end;
    }
    const root = this.#roots[rows.head.root] as TableProgram;
    rows.begin(root);
    const end = this.#walk.item(root.node, at + 1);
    rows.end(root);
    return end;
  }
}

/** What is included, and the lists and maps that it is in. */
function includedPlaces(mapping: ItemMapping): Path[] {
  const paths = new Included(mapping).paths ?? [];
  return paths.flatMap((path) => [...containersOf(tableOf(path)), ...(isRoot(path) ? [] : [path])]);
}
