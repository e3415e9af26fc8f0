import { localHours } from '../records/local-time.ts';

/**
 * Days and months as text, `2026-11-01` and `2026-11`: the values of partitions. The order of the texts is that of time. A day is
 * one of a calendar, whether it has 23, 24 or 25 hours.
 */

export type Unit = 'day' | 'month';

/** From the first to the last, inclusive. */
export interface Range {
  readonly first: string;
  readonly last: string;
}

const DAY_MS = 86_400_000;

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY_MS;
const monthNumber = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** A value of the unit, so many later; earlier, if negative. */
export function later(unit: Unit, value: string, count: number): string {
  if (unit === 'day') return new Date((dayNumber(value) + count) * DAY_MS).toISOString().slice(0, 10);
  const number = monthNumber(value) + count;
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;
}

/** How many a range has; 0 if its last is before its first. */
export function countOf(unit: Unit, { first, last }: Range): number {
  const number = unit === 'day' ? dayNumber : monthNumber;
  return Math.max(0, number(last) - number(first) + 1);
}

export const valuesOf = (unit: Unit, range: Range): string[] =>
  Array.from({ length: countOf(unit, range) }, (_, index) => later(unit, range.first, index));

export const monthOf = (day: string): string => day.slice(0, 7);

/** The days of a month; of a day, itself; of an hour, `2026-11-01-13`, its day. */
export function daysOf(value: string): Range {
  if (value.length > 7) return { first: value.slice(0, 10), last: value.slice(0, 10) };
  return { first: `${value}-01`, last: later('day', `${later('month', value, 1)}-01`, -1) };
}

/** The day or month that an instant is in. @param ms milliseconds since 1970 @param timezone of the IANA database */
export function valueAt(unit: Unit, ms: number, timezone: string): string {
  const { day } = localHours(timezone)(BigInt(Math.floor(ms)) * 1000n);
  return unit === 'day' ? day : monthOf(day);
}

const MINUTE_MS = 60_000;

/** When a day or month ends, in milliseconds since 1970: when the next one begins. */
export function endOf(unit: Unit, value: string, timezone: string): number {
  const next = daysOf(later(unit, value, 1)).first;
  const midnight = Date.parse(`${next}T00:00:00Z`);
  // No zone is a day away from UTC. The days of a zone are in order.
  let [before, after] = [midnight - DAY_MS, midnight + DAY_MS];
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / MINUTE_MS / 2) * MINUTE_MS;
    if (valueAt('day', middle, timezone) < next) before = middle;
    else after = middle;
  }
  return after;
}

/** Whether a day begins at this instant. */
export const isMidnight = (ms: number, timezone: string): boolean =>
  valueAt('day', ms, timezone) !== valueAt('day', ms - 1, timezone);

/** Whether a text is a value of the unit: a date that exists. */
export function isValue(unit: Unit, text: string): boolean {
  if (unit === 'month') return /^\d{4}-(?:0[1-9]|1[0-2])$/.test(text);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayNumber(text)) && later('day', text, 0) === text;
}
