import { z } from 'zod';
import type { Report } from './report.ts';

const count = z.number().int().nonnegative();

/** What a report keeps of the run before, to compare with it. */
export const PreviousRun = z.object({
  run: z.string(),
  plannedAt: z.string(),
  seconds: z.number().nonnegative(),
  items: count,
  rows: count,
  bytes: count,
  readUnits: z.number().nonnegative(),
  rejects: count,
  tables: z.array(z.object({ table: z.string(), path: z.string(), rows: count })),
});
export type PreviousRun = z.infer<typeof PreviousRun>;

/** Whether a report has everything that a later run can be compared with. */
export const isComparable = ({ outcome, tables }: Pick<Report, 'outcome' | 'tables'>): boolean =>
  outcome === 'completed' && tables.length > 0;

export function asPreviousRun(report: Report): PreviousRun {
  const { run, plannedAt, seconds, items, rows, bytes, readUnits, rejects, tables } = report;
  return {
    ...{ run, plannedAt, seconds, items, rows, bytes, readUnits, rejects },
    tables: tables.map((table) => ({ table: table.table, path: table.path, rows: table.rows })),
  };
}

/** How a table differs between two runs. A number is absent if that run did not have the table. */
export interface TableDifference {
  readonly table: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
}

/** The tables whose rows differ, those with the largest change first. Tables are compared by path: names may change. */
export function tableDifferences(
  { tables }: Pick<Report, 'tables'>,
  previous: Pick<PreviousRun, 'tables'>,
): TableDifference[] {
  const before = new Map(previous.tables.map((table) => [table.path, table]));
  const now = new Set(tables.map(({ path }) => path));
  const changeOf = ({ before: was = 0, now: is = 0 }: TableDifference) => Math.abs(is - was);
  return [
    ...tables.map(({ table, path, rows }) => ({ table, before: before.get(path)?.rows, now: rows })),
    ...previous.tables.flatMap(({ table, path, rows }) =>
      now.has(path) ? [] : [{ table, before: rows, now: undefined }],
    ),
  ]
    .filter((each) => each.before !== each.now)
    .toSorted((a, b) => changeOf(b) - changeOf(a));
}

/** `+3.1%`, `−40%`, `new`, `no change`. */
export function changeText(before: number, now: number): string {
  if (before === now) return 'no change';
  if (before === 0) return 'new';
  const percent = (now / before - 1) * 100;
  const size = Math.abs(percent);
  const shown =
    size < 0.1 ? 'less than 0.1' : size < 10 ? size.toFixed(1) : Math.round(size).toLocaleString('en-US');
  return `${percent > 0 ? '+' : '−'}${shown}%`;
}
