import type { EpochUnit } from '../pipeline/item/epoch.ts';
import { entryPath, type Path } from '../pipeline/item/path.ts';
import type { HideRule } from '../pipeline/mapping/hide/hiding.ts';
import type { Output, Place, Table } from '../pipeline/mapping/place.ts';
import { Treat } from '../pipeline/mapping/treatment.ts';
import { BACKSLASH, QUOTE } from './bytes.ts';
import type { RowBuffer } from './row-buffer.ts';
import { Pattern } from './words.ts';

/** What follows an attribute's name up to the name of its kind. */
const AFTER_NAME = '":{"';

/** What a cell of the current row holds. */
export const Cell = {
  NULL: 0,
  /** The page's bytes from `start` to `end`, as they are. */
  PAGE: 1,
  /** The page's bytes from `start` to `end`: a JSON string with escapes. */
  ESCAPED: 2,
  /** The integer in `start`. */
  INTEGER: 3,
  /** A text, quoted already. */
  TEXT: 4,
  TRUE: 5,
  FALSE: 6,
} as const;

/** What the programs of all tables share. */
interface Context {
  /** Where the rows go: one per layout, then one per shape. Absent if rows are not written. */
  readonly buffers: readonly RowBuffer[] | undefined;
  /** The paths that the mapping leaves out. */
  readonly withheld: readonly Path[];
}

/** A table of `place.ts` with what is needed to write its rows: the current row's cells, and where its rows go. */
export class TableProgram {
  readonly table: Table;
  readonly columns: number;
  /** Where rows go: to the narrowest of these that has all their columns. None if the table has no layout. */
  readonly outputs: readonly OutputProgram[];
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly texts: string[];
  /** The most bytes that the values of the current row take. */
  valueBytes = 0;
  /** The columns that the current row fills, as bits. */
  readonly filled: Int32Array;
  /** The rows of the current item. */
  itemRows = 0;
  /** The place of a whole row. */
  readonly node: Node;
  /** The place of the name of a map's entry, if the rows are entries. */
  readonly entryName: Place | undefined;

  constructor(table: Table, context: Context) {
    this.table = table;
    this.columns = table.cells.length;
    this.outputs = table.outputs.map((output) => new OutputProgram(output, table.cells.length, context));
    this.filled = new Int32Array(Math.ceil(this.columns / 32));
    this.kinds = new Uint8Array(this.columns);
    this.starts = new Int32Array(this.columns);
    this.ends = new Int32Array(this.columns);
    this.texts = new Array(this.columns).fill('');
    this.node = new Node(table.place, this, context);
    this.entryName = table.place.aspects?.get('key');
  }
}

/** A layout of a table's rows, and the buffer for rows in it. */
export class OutputProgram {
  readonly columns: Int32Array;
  readonly rows: RowBuffer | undefined;
  /** The columns that it lacks, as bits. */
  readonly lacking: Int32Array;
  /** The rows of the current item, and where they begin in `rows`. */
  itemRows = 0;
  itemStart = 0;

  constructor({ number, columns }: Output, ofTable: number, context: Context) {
    this.columns = Int32Array.from(columns);
    this.rows = context.buffers?.[number];
    this.lacking = new Int32Array(Math.ceil(ofTable / 32));
    const has = new Set(columns);
    for (let column = 0; column < ofTable; column++) {
      const word = column >> 5;
      if (!has.has(column)) this.lacking[word] = (this.lacking[word] as number) | (1 << (column & 31));
    }
  }
}

/** A place of `place.ts`, as the walk over bytes needs it: its name as bytes, and the places below it. */
export class Node {
  readonly place: Place;
  readonly table: TableProgram;
  /** The bytes of the name and what follows it, up to the name of the value's kind. */
  readonly name: Pattern;
  readonly scalarColumn: number;
  readonly bytesColumn: number;
  readonly countColumn: number;
  /** Bits of `Treat`; 0 for nearly all. */
  readonly treatment: number;
  readonly emptyIsNull: boolean;
  readonly epoch: EpochUnit | undefined;
  readonly hide: HideRule['hide'] | undefined;
  /** A scalar here is hidden, although the mapping expects something else. The shredder does it. */
  readonly shredsScalars: boolean;
  /** Attributes of the map found here that are not among these nodes are not included. */
  readonly skipsOthers: boolean;
  readonly members: TableProgram | undefined;
  readonly entries: TableProgram | undefined;
  /** The places of the value's aspects. */
  readonly whole: Node | undefined;
  readonly s: Node | undefined;
  readonly n: Node | undefined;
  readonly b: Node | undefined;
  readonly bool: Node | undefined;
  /** Something here or below may be left out or hidden, so the value cannot be kept whole as it is. */
  readonly ignoresBelow: boolean;
  /**
   * Something is left out in every entry of the map found here, but its entries are no rows; or in an entry of one name,
   * but its entries are rows. The shredder knows which.
   */
  readonly shredsMaps: boolean;
  /** The entries with these names, as UTF-8 in Latin-1, may be hidden like attributes of those names. */
  readonly shreddedEntries: ReadonlySet<string>;
  /** The attributes of the map found here, by hash. */
  readonly #attributes: (Node | undefined)[];
  readonly #mask: number;
  /** The attribute that came first in the last map found here: probably also in the next. */
  first: Node | undefined;
  /** The attribute that followed this one the last time. */
  next: Node | undefined;
  /** The last map in which this attribute was found, so that a name found twice is noticed. */
  foundIn = 0;

  constructor(place: Place, table: TableProgram, context: Context, name = '') {
    this.place = place;
    this.table = table;
    this.name = new Pattern(Buffer.from(`${name}${AFTER_NAME}`, 'utf8'));
    this.scalarColumn = place.scalarColumn;
    this.bytesColumn = place.bytesColumn;
    this.countColumn = place.countColumn;
    this.treatment = place.treatment;
    this.emptyIsNull = place.rules.emptyIsNull;
    this.epoch = place.rules.epoch;
    this.hide = place.rules.hidden?.hide;
    const hidden = place.treatment & Treat.HIDE ? place.table.treatments.hiddenAt(place.path) : undefined;
    this.shredsScalars = hidden !== undefined && this.hide === undefined;
    this.shreddedEntries = new Set(
      [...(this.shredsScalars ? (hidden?.names ?? []) : [])].map((each) =>
        Buffer.from(each, 'utf8').toString('latin1'),
      ),
    );
    this.skipsOthers = (place.treatment & Treat.PART) !== 0;
    this.members = place.members && new TableProgram(place.members, context);
    this.entries = place.entries && new TableProgram(place.entries, context);
    const aspect = (of: 'super' | 's' | 'n' | 'b' | 'bool') => {
      const found = place.aspects?.get(of);
      return found && new Node(found, table, context);
    };
    this.whole = aspect('super');
    this.s = aspect('s');
    this.n = aspect('n');
    this.b = aspect('b');
    this.bool = aspect('bool');
    // A name with escapes in JSON cannot be compared byte by byte: its items are shredded.
    const attributes = [...(place.names ?? [])].filter(([each]) => JSON.stringify(each) === `"${each}"`);
    this.ignoresBelow =
      this.skipsOthers ||
      hidden !== undefined ||
      context.withheld.some((path) => path.length > place.path.length && path.startsWith(place.path));
    const others = place.treatment & Treat.ROWS ? `${place.path}.` : entryPath(place.path);
    this.shredsMaps = context.withheld.some((path) => path.startsWith(others));
    let size = 4;
    while (size < attributes.length * 2) size *= 2;
    this.#attributes = new Array(size).fill(undefined);
    this.#mask = size - 1;
    for (const [each, below] of attributes) this.#add(new Node(below, table, context, each), each);
  }

  /** The attribute whose name, which must have no escapes, starts at `at`. `words` are the page's. */
  find(page: Uint8Array, words: DataView, at: number): Node | undefined {
    let hash = 0;
    for (let p = at; ; p++) {
      const c = page[p];
      if (c === QUOTE) break;
      if (c === BACKSLASH || c === undefined) return undefined;
      hash = nextHash(hash, c);
    }
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = this.#attributes[slot];
      if (found === undefined || found.name.isAt(words, at)) return found;
    }
  }

  #add(attribute: Node, name: string): void {
    let slot = Buffer.from(name, 'utf8').reduce(nextHash, 0) & this.#mask;
    while (this.#attributes[slot] !== undefined) slot = (slot + 1) & this.#mask;
    this.#attributes[slot] = attribute;
  }
}

function nextHash(hash: number, byte: number): number {
  return (hash * 31 + byte) | 0;
}
