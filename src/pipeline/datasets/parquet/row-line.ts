import { Buffer } from 'node:buffer';
import { type ColumnType, typeText } from '../records/column-type.ts';
import type { TableColumn } from './column-type.ts';

/**
 * A cell, exactly: 64-bit integers and decimals as text or bigint, timestamps as microseconds since 1970 (text or
 * bigint), dates as ISO text, doubles as numbers, binary as bytes, lists as arrays, structs as arrays in the order of
 * their fields.
 */
export type Cell = string | number | bigint | boolean | Uint8Array | null | readonly Cell[];

/** A row, and where it is from. */
export interface RowToWrite {
  /** In the order of the columns. */
  readonly cells: readonly Cell[];
  /** Number of the file that the row came from. */
  readonly input: number;
}

/** DuckDB reads lines into buffers of twice this size, several per thread. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

/**
 * A row as one line of JSON, which the engine reads with the columns' types stated: nothing is guessed. It reads integers of
 * 64 bits as such; values that its JSON numbers cannot hold are texts, which it converts exactly or not at all. Runs where rows are made, in a
 * worker thread: the engine gets files of such lines.
 *
 * @throws RangeError if a cell does not fit its column, or the row is too long
 */
export function rowLine(columns: readonly TableColumn[], { cells, input }: RowToWrite): string {
  let line = `{"i":${input}`;
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? null;
    if (cell !== null) line += `,"c${index}":${cellText(cell, column.type, column.name)}`;
  }
  // No character takes more than three bytes per UTF-16 unit.
  if (line.length * 3 > LONGEST_LINE_BYTES && Buffer.byteLength(line) + 2 > LONGEST_LINE_BYTES) {
    throw new RangeError(`the row takes more than ${LONGEST_LINE_BYTES} bytes`);
  }
  return `${line}}\n`;
}

/** From 0001-01-01 to 9999-12-31, in microseconds: what every reader can show. */
const EARLIEST = -62_135_596_800_000_000n;
const LATEST = 253_402_300_799_999_999n;
const LARGEST_BIGINT = 2n ** 63n - 1n;
const WHOLE = /^-?\d+$/;
const DECIMAL = /^-?(\d+)(?:\.(\d+))?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function cellText(cell: Cell, type: ColumnType, name: string): string {
  if (cell === null) return 'null';
  const text = TEXTS[type.kind](cell, type, name);
  if (text === undefined) throw new RangeError(`${name}: not a ${typeText(type)}: ${shown(cell)}`);
  return text;
}

const shown = (cell: Cell): string =>
  String(typeof cell === 'string' ? JSON.stringify(cell) : cell).slice(0, 100);

/** A cell as JSON, or undefined if it does not fit. */
type CellText = (cell: Cell, type: ColumnType, name: string) => string | undefined;

const TEXTS: Record<ColumnType['kind'], CellText> = {
  // Half of a surrogate pair is not a character, and has no bytes in UTF-8.
  string: (cell) => (typeof cell === 'string' && cell.isWellFormed() ? JSON.stringify(cell) : undefined),
  bigint: (cell) => wholeText(cell, -LARGEST_BIGINT - 1n, LARGEST_BIGINT),
  timestamp: (cell) => wholeText(cell, EARLIEST, LATEST),
  double: (cell) => {
    if (typeof cell !== 'number') return undefined;
    // 0 and -0 are equal, and Parquet's dictionaries keep only one of both: which one would depend on the order of rows.
    return Number.isFinite(cell) ? String(cell + 0) : `"${cell}"`;
  },
  decimal: (cell, type) => {
    const text = typeof cell === 'bigint' ? String(cell) : cell;
    return typeof text === 'string' && fitsDecimal(text, type) ? `"${text}"` : undefined;
  },
  boolean: (cell) => (typeof cell === 'boolean' ? String(cell) : undefined),
  date: (cell) => (typeof cell === 'string' && isDate(cell) ? `"${cell}"` : undefined),
  binary: (cell) =>
    cell instanceof Uint8Array
      ? `"${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('base64')}"`
      : undefined,
  list: (cell, type, name) => {
    if (type.kind !== 'list' || !Array.isArray(cell)) return undefined;
    return `[${(cell as readonly Cell[]).map((member) => cellText(member, type.of, name)).join(',')}]`;
  },
  struct: (cell, type, name) => {
    if (type.kind !== 'struct' || !Array.isArray(cell)) return undefined;
    const values = cell as readonly Cell[];
    const fields = type.fields.map(
      (field, index) => `"f${index}":${cellText(values[index] ?? null, field.type, `${name}.${field.name}`)}`,
    );
    return `{${fields.join(',')}}`;
  },
};

/** Any of these is in range, whatever a column holds. */
const SHORT = /^(?:0|-?[1-9]\d{0,15})$/;

function wholeText(cell: Cell, least: bigint, greatest: bigint): string | undefined {
  if (typeof cell === 'string' && SHORT.test(cell)) return cell;
  if (typeof cell !== 'bigint' && !(typeof cell === 'string' && WHOLE.test(cell))) return undefined;
  const value = BigInt(cell);
  return value >= least && value <= greatest ? String(value) : undefined;
}

function fitsDecimal(text: string, type: ColumnType): boolean {
  const match = DECIMAL.exec(text);
  if (match === null || type.kind !== 'decimal') return false;
  const whole = (match[1] as string).replace(/^0+/, '');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  return fraction.length <= type.scale && whole.length <= type.precision - type.scale;
}

function isDate(text: string): boolean {
  if (!DATE.test(text) || text < '0001') return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
