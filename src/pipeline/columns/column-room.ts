import type { Path } from '../item/path.ts';
import { byteLength, MAX_NAME_BYTES } from '../sql/identifier.ts';
import { columnIdentity } from './column-names.ts';
import type { Column } from './layout.ts';

/**
 * Most columns of values that a table is given. A Redshift table has at most 1,600; the others are for key,
 * positions, and for what two runs at once may each bring.
 */
export const MAX_VALUE_COLUMNS = 1500;

/** Most bytes of SQL that names and types of a table's columns make: the Data API takes 100 KB for all statements. */
const MAX_SQL_BYTES = 85_000;
/** Quotes, comma, the longest type, and what a name gets besides its path's steps. */
const SQL_BYTES_PER_COLUMN = 36;

/** Which columns a table still has room for. */
export class ColumnRoom {
  readonly #table: Path;
  readonly #taken = new Set<string>();
  #sqlBytes = 0;

  /** @param held columns that have their place already, whether there is room or not */
  constructor(table: Path, held: readonly Column[]) {
    this.#table = table;
    for (const column of held) this.#add(column);
  }

  /** Takes the room, where there is some or the column has its place already. */
  take(column: Column): boolean {
    if (this.#taken.has(columnIdentity(column))) return true;
    const bytes = this.#sqlBytes + this.#bytesOf(column);
    if (this.#taken.size >= MAX_VALUE_COLUMNS || bytes > MAX_SQL_BYTES) return false;
    this.#add(column);
    return true;
  }

  #add(column: Column): void {
    const identity = columnIdentity(column);
    if (this.#taken.has(identity)) return;
    this.#taken.add(identity);
    this.#sqlBytes += this.#bytesOf(column);
  }

  #bytesOf({ path }: Column): number {
    return Math.min(MAX_NAME_BYTES, byteLength(path) - byteLength(this.#table)) + SQL_BYTES_PER_COLUMN;
  }
}
