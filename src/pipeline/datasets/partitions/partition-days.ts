import type { DayRange } from '../documents.ts';
import { partitionColumns, WHOLE } from './partition-of.ts';

const DAY_MS = 86_400_000;

/** The day of a partition, `2026-11-01`; undefined if it is not named by a date. */
export function dayOf(partition: string): string | undefined {
  const values = partitionColumns(partition).map(({ value }) => value);
  const day = values.length === 1 ? values[0]?.slice(0, 10) : values.slice(0, 3).join('-');
  return day === undefined || Number.isNaN(Date.parse(`${day}T00:00:00Z`)) ? undefined : day;
}

/** Whether a partition is of these days. Without a range: any is. A table without partitions has all days. */
export function isWithin(partition: string, range: DayRange | undefined): boolean {
  if (range === undefined || partition === WHOLE) return true;
  const day = dayOf(partition);
  return day !== undefined && day >= range.from && day <= range.to;
}

/** Whether new rows of a partition wait for the next late pass. @param afterSeconds absent: they never wait */
export function isLate(partition: string, afterSeconds: number | undefined, nowMs: number): boolean {
  if (afterSeconds === undefined) return false;
  const day = dayOf(partition);
  // As if its days were those of UTC: exact enough to decide what waits.
  return day !== undefined && Date.parse(`${day}T00:00:00Z`) + DAY_MS + afterSeconds * 1000 < nowMs;
}
