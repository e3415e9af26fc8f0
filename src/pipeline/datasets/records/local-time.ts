import type { Microseconds } from './instant.ts';

/** The day and hour of an instant in a time zone. */
export interface LocalHour {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `00` to `23`. */
  readonly hour: string;
}

/** So many results are kept: instants of a file are mostly of a few days. */
const MOST_KEPT = 10_000;
const HOUR_MS = 3_600_000;

/** In UTC, rounded towards the past: an instant before 1970 belongs to the day that it is in. */
function utcHours(): (microseconds: Microseconds) => LocalHour {
  const ofHour = kept((hour) => {
    const iso = new Date(hour * HOUR_MS).toISOString();
    return { day: iso.slice(0, 10), hour: iso.slice(11, 13) };
  });
  return (microseconds) => ofHour(Math.floor(wholeMilliseconds(microseconds) / HOUR_MS));
}

function kept(hourOf: (key: number) => LocalHour): (key: number) => LocalHour {
  const known = new Map<number, LocalHour>();
  return (key) => {
    let found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MOST_KEPT) known.clear();
    found = hourOf(key);
    known.set(key, found);
    return found;
  };
}

/** BigInt division rounds towards zero. */
function wholeMilliseconds(microseconds: Microseconds): number {
  if (typeof microseconds === 'number') return Math.floor(microseconds / 1000);
  const rest = microseconds % 1000n;
  return Number((microseconds - (rest < 0n ? rest + 1000n : rest)) / 1000n);
}

/** Since then, offsets from UTC are whole minutes. */
const WHOLE_MINUTES_SINCE_MS = Date.UTC(1972, 0, 8);
const MINUTE_MS = 60_000;

/** @param timezone of the IANA database */
export function localHours(timezone: string): (microseconds: Microseconds) => LocalHour {
  if (timezone === 'UTC') return utcHours();
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  });
  const hourAt = (milliseconds: number): LocalHour => {
    const parts = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
    const year = (parts.get('year') ?? '').padStart(4, '0');
    return { day: `${year}-${parts.get('month')}-${parts.get('day')}`, hour: parts.get('hour') ?? '' };
  };
  const ofMinute = kept((minute) => hourAt(minute * MINUTE_MS));
  return (microseconds) => {
    const milliseconds = wholeMilliseconds(microseconds);
    return milliseconds >= WHOLE_MINUTES_SINCE_MS
      ? ofMinute(Math.floor(milliseconds / MINUTE_MS))
      : hourAt(milliseconds);
  };
}
