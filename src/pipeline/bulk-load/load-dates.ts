import { withDate } from '../keys/date-placeholders.ts';

/** The day that a schedule loads. */
export interface LoadDates {
  /** When the load was due. ISO 8601. */
  readonly at: string;
  /** An IANA name, e.g. `Europe/Berlin`. */
  readonly timezone: string;
  /** 1: the day before. */
  readonly daysBack: number;
}

/**
 * The text with %Y, %m, %d and %H of the time at which the load was due, as clocks in its time zone showed it, so many
 * calendar days earlier. A load that starts late loads the day that was meant.
 */
export function withLoadDate(text: string, { at, timezone, daysBack }: LoadDates): string {
  const local = wallClockMs(Date.parse(at), timezone);
  return withDate(text, local - daysBack * 86_400_000);
}

/** The wall clock's time in a zone, as if it were UTC. */
function wallClockMs(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  }).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'));
}
