/** The day and hour of an instant in a time zone. */
export interface LocalHour {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `00` to `23`. */
  readonly hour: string;
}

/** In UTC, rounded towards the past: an instant before 1970 belongs to the day that it is in. */
function utcHour(microseconds: bigint): LocalHour {
  const iso = new Date(wholeMilliseconds(microseconds)).toISOString();
  return { day: iso.slice(0, 10), hour: iso.slice(11, 13) };
}

/** BigInt division rounds towards zero. */
function wholeMilliseconds(microseconds: bigint): number {
  const rest = microseconds % 1000n;
  return Number((microseconds - (rest < 0n ? rest + 1000n : rest)) / 1000n);
}

/** Since then, offsets from UTC are whole minutes. */
const WHOLE_MINUTES_SINCE_MS = Date.UTC(1972, 0, 8);
const MINUTE_MS = 60_000;

/** @param timezone of the IANA database */
export function localHours(timezone: string): (microseconds: bigint) => LocalHour {
  if (timezone === 'UTC') return utcHour;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  });
  let minute = Number.NaN;
  let last: LocalHour | undefined;
  return (microseconds) => {
    const milliseconds = wholeMilliseconds(microseconds);
    const its = Math.floor(milliseconds / MINUTE_MS);
    if (last !== undefined && its === minute && milliseconds > WHOLE_MINUTES_SINCE_MS) return last;
    minute = its;
    const parts = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
    const year = (parts.get('year') ?? '').padStart(4, '0');
    last = { day: `${year}-${parts.get('month')}-${parts.get('day')}`, hour: parts.get('hour') ?? '' };
    return last;
  };
}
