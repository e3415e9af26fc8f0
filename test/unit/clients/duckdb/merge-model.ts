import { Buffer } from 'node:buffer';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import type { Deduplication } from '../../../../src/pipeline/datasets/parquet/merge-sql.ts';
import type { Cell } from '../../../../src/pipeline/datasets/parquet/row-line.ts';

/** What a merge is to give, computed from all rows of all inputs, without SQL and without history. */

export interface HeldRow {
  readonly cells: readonly Cell[];
  readonly input: number;
}

export function winnersOf(
  columns: readonly TableColumn[],
  rows: readonly HeldRow[],
  deduplicate: Deduplication | undefined,
): { winners: HeldRow[]; beaten: HeldRow[] } {
  if (deduplicate === undefined) return { winners: [...rows], beaten: [] };
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const order = [
    ...(deduplicate.newest === undefined ? [] : [at(deduplicate.newest)]),
    ...columns.keys().filter((index) => columns[index]?.isComputed !== true),
    ...columns.keys().filter((index) => columns[index]?.isComputed === true),
  ];
  const winners: HeldRow[] = [];
  const beaten: HeldRow[] = [];
  const groups = Map.groupBy(rows, ({ cells }) => {
    const key = deduplicate.key.map((name) => cells[at(name)] ?? null);
    return key.includes(null) ? Symbol('no key') : JSON.stringify(key);
  });
  for (const group of groups.values()) {
    const sorted = group.toSorted((a, b) => compareRows(a, b, columns, order));
    winners.push(sorted.at(-1) as HeldRow);
    beaten.push(...sorted.slice(0, -1));
  }
  return { winners, beaten };
}

function compareRows(
  a: HeldRow,
  b: HeldRow,
  columns: readonly TableColumn[],
  order: readonly number[],
): number {
  for (const index of order) {
    const result = compareCells(
      a.cells[index] ?? null,
      b.cells[index] ?? null,
      columns[index]?.type.kind ?? '',
    );
    if (result !== 0) return result;
  }
  return a.input - b.input;
}

function compareCells(a: Cell, b: Cell, kind: string): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (kind === 'bigint' || kind === 'timestamp') return compare(BigInt(a as string), BigInt(b as string));
  if (kind === 'string' || kind === 'date')
    return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
  if (kind === 'double') return compareDoubles(a as number, b as number);
  return compare(String(a), String(b));
}

/** NaN is the greatest. */
const compareDoubles = (a: number, b: number): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : compare(a, b);

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
