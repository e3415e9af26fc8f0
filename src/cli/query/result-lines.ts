import type { ResultTable } from '../../clients/redshift/redshift-data-warehouse.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { clipped, textTable } from '../terminal/text-table.ts';

/** A result as text for people, as CSV and as JSON. */

/** Values of these types are aligned to the right. */
const NUMERIC = /^(?:int|float|numeric|bigint|smallint|integer|double|real|decimal)/;
const MOST_WIDTH = 60;

export function tableLines({ columns, rows, isWhole }: ResultTable, colours: Palette): string[] {
  const lines = textTable(
    columns.map(({ name, type }) => ({
      title: clipped(name, MOST_WIDTH),
      ...(NUMERIC.test(type) ? { align: 'right' as const } : {}),
    })),
    // On a terminal, a value must not move the cursor or change colours.
    rows.map((row) => row.map((cell) => (cell === null ? '' : clipped(printable(String(cell)), MOST_WIDTH)))),
    colours.bold,
  );
  const summary = isWhole
    ? counted(rows.length, 'row')
    : `the first ${counted(rows.length, 'row')}; for more: --limit`;
  return [...lines, colours.dim(summary)];
}

const printable = (text: string) => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');

/** RFC 4180, with a line of titles. NULL is an empty field, and an empty text is quoted. */
export function csvLines({ columns, rows }: ResultTable): string[] {
  return [columns.map(({ name }) => name), ...rows].map((row) => row.map(csvField).join(','));
}

function csvField(cell: string | number | boolean | null): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One object per row. Columns with the same name are numbered, so that none is lost. */
export function jsonLines({ columns, rows }: ResultTable): string[] {
  const taken = new Set<string>();
  const names = columns.map(({ name }) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
  return rows.map((row) =>
    JSON.stringify(Object.fromEntries(names.map((name, i) => [name, asJson(row[i], columns[i]?.type)]))),
  );
}

/** DuckDB's types of values that are JSON themselves. */
const NESTED = /\[\d*\]$|^(?:struct|map)\(/;

const asJson = (cell: string | number | boolean | null | undefined, type = ''): unknown =>
  typeof cell === 'string' && NESTED.test(type) ? JSON.parse(cell) : (cell ?? null);
