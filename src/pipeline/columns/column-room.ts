import { type Path, withoutAspect } from '../item/path.ts';
import { byteLength, MAX_NAME_BYTES } from '../sql/identifier.ts';
import type { Naming } from '../sql/naming.ts';
import { columnIdentity } from './column-names.ts';
import type { Column } from './layout.ts';

/**
 * The most value columns that a table gets. A Redshift table has at most 1,600. The rest is for the key, positions,
 * and the columns that two concurrent runs may each add.
 */
export const MAX_VALUE_COLUMNS = 1500;

/** More that are only for values that the mapping treats in a way of its own: the other columns may have taken all room. */
const MAPPED_COLUMNS = 40;
/** SQL bytes for these. */
const MAPPED_SQL_BYTES = 5000;

/** The most SQL bytes for the names and types of a table's columns. The Data API accepts 100 KB per call. */
const MAX_SQL_BYTES = 85_000;
/** Allows for the quotes, the comma, the longest type, and what a name has beyond its path's steps. */
const SQL_BYTES_PER_COLUMN = 36;

/** What decides about new columns, in addition to what was seen. */
export interface ColumnLimits {
  /** Columns that are kept whatever was seen, by table. */
  readonly held: ReadonlyMap<Path, readonly Column[]>;
  /** Paths whose columns have room even in a full table: see `mappedPaths`. Default: none. */
  readonly mapped?: ReadonlySet<Path>;
  /** Names in `snake_case` are longer than their paths. Default: `lower`. */
  readonly naming?: Naming;
}

/** Decides which columns a table still has room for. */
export class ColumnRoom {
  readonly #table: Path;
  readonly #mapped: ReadonlySet<Path>;
  readonly #naming: Naming | undefined;
  readonly #taken = new Set<string>();
  #sqlBytes = 0;

  /** @param held columns that are kept even if there is no room; default: those of the limits */
  constructor(table: Path, limits: ColumnLimits, held = limits.held.get(table) ?? []) {
    this.#table = table;
    this.#mapped = limits.mapped ?? new Set();
    this.#naming = limits.naming;
    for (const column of held) this.#add(column);
  }

  /** Reserves room for a column. Returns false if none is left, unless the column already has room. */
  take(column: Column): boolean {
    if (this.#taken.has(columnIdentity(column))) return true;
    const bytes = this.#sqlBytes + this.#bytesOf(column);
    const isMapped = this.#mapped.has(withoutAspect(column.path));
    const [most, mostBytes] = isMapped
      ? [MAX_VALUE_COLUMNS + MAPPED_COLUMNS, MAX_SQL_BYTES + MAPPED_SQL_BYTES]
      : [MAX_VALUE_COLUMNS, MAX_SQL_BYTES];
    if (this.#taken.size >= most || bytes > mostBytes) return false;
    this.#add(column);
    return true;
  }

  #add(column: Column): void {
    const identity = columnIdentity(column);
    if (this.#taken.has(identity)) return;
    this.#taken.add(identity);
    this.#sqlBytes += this.#bytesOf(column);
  }

  /** At most one `_` before each capital. */
  #wordStarts(path: Path): number {
    if (this.#naming !== 'snake_case') return 0;
    return path.slice(this.#table.length).match(/[\p{Lu}\p{Lt}]/gu)?.length ?? 0;
  }

  #bytesOf({ path }: Column): number {
    const name = byteLength(path) - byteLength(this.#table) + this.#wordStarts(path);
    return Math.min(MAX_NAME_BYTES, name) + SQL_BYTES_PER_COLUMN;
  }
}
