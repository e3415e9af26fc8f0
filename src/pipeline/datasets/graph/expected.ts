import { countOf, isMidnight, later, monthOf, type Range, type Unit, valueAt, valuesOf } from './calendar.ts';

/** Which partitions a dataset is to have. */
export interface Expectation {
  /** The first. */
  readonly from?: string | undefined;
  /** The last, or the day that is the last at any time. */
  readonly until: string;
  /** How long before now the window begins in which missing partitions are built: `1095d`, `4mo`. Absent: at `from`. */
  readonly back?: string | undefined;
  /** How long after now it ends. Absent: at `until`. */
  readonly forward?: string | undefined;
}

/** When, and whose days. */
export interface Now {
  /** The time for which a run is meant, in milliseconds since 1970. */
  readonly ms: number;
  readonly timezone: string;
}

/** The last expected partition. */
function lastOf(unit: Unit, until: string, { ms, timezone }: Now): string {
  const today = valueAt('day', ms, timezone);
  const day = until === 'today' ? today : until === 'yesterday' ? later('day', today, -1) : until;
  return unit === 'month' ? monthOf(day) : day;
}

/** All expected partitions; undefined if they begin with the first that there is. */
export function expectedRange(unit: Unit, expect: Expectation, now: Now): Range | undefined {
  if (expect.from === undefined) return undefined;
  return {
    first: unit === 'month' ? monthOf(expect.from) : expect.from,
    last: lastOf(unit, expect.until, now),
  };
}

const SPAN = /^(\d{1,5})(d|mo)$/;
export const isSpan = (unit: Unit, text: string): boolean =>
  SPAN.exec(text)?.[2] === (unit === 'day' ? 'd' : 'mo');
export const spanOf = (text: string) => Number(SPAN.exec(text)?.[1]);

/**
 * The expected partitions that a run builds if they are missing: those that begin at most `back` before now and less than `forward`
 * after it. Months are counted from the current one, which is not among those back.
 */
export function window(unit: Unit, expect: Expectation, now: Now): Range | undefined {
  const { back, forward } = expect;
  const current = valueAt(unit, now.ms, now.timezone);
  // A day that has begun is part of the time before now: its beginning is.
  const begun = unit === 'day' && !isMidnight(now.ms, now.timezone) ? 1 : 0;
  const first = back === undefined ? undefined : later(unit, current, begun - spanOf(back));
  const last = forward === undefined ? undefined : later(unit, current, begun - 1 + spanOf(forward));
  const whole = expectedRange(unit, expect, now);
  const from = [whole?.first, first]
    .filter((value) => value !== undefined)
    .toSorted()
    .at(-1);
  if (from === undefined) return undefined;
  const until = lastOf(unit, expect.until, now);
  return { first: from, last: last === undefined || until < last ? until : last };
}

/** The expected partitions of the window that are missing, oldest first. */
export const missingOf = (unit: Unit, range: Range, isThere: (value: string) => boolean): string[] =>
  valuesOf(unit, range).filter((value) => !isThere(value));

/** How far a dataset is behind. */
export interface Progress {
  readonly expected: number;
  readonly complete: number;
  /** Partitions from the first that is missing to the last that is expected. */
  readonly delay: number;
}

/** @param whole all expected partitions @param missing those of the window, oldest first */
export function progressOf(unit: Unit, whole: Range, missing: readonly string[]): Progress {
  const expected = countOf(unit, whole);
  const [first] = missing;
  return {
    expected,
    complete: expected - missing.length,
    delay: first === undefined ? 0 : countOf(unit, { first, last: whole.last }),
  };
}
