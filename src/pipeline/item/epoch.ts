import { numberText } from './number.ts';

/** What a number of an epoch column counts since 1970-01-01T00:00:00Z: seconds, milliseconds or microseconds. */
export const EPOCH_UNITS = ['s', 'ms', 'us'] as const;
export type EpochUnit = (typeof EPOCH_UNITS)[number];

/** Digits after the point down to a microsecond, the finest that TIMESTAMPTZ holds. */
const MICROSECOND_SCALE: Readonly<Record<EpochUnit, number>> = { s: 6, ms: 3, us: 0 };

const PER_SECOND: Readonly<Record<EpochUnit, number>> = { s: 1, ms: 1000, us: 1_000_000 };

/** The years 0001 to 9999, as in text-form.ts. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/**
 * The time of a number, exactly: RFC 3339 in UTC with no, three or six fractional digits, as few as it needs. Undefined if
 * TIMESTAMPTZ cannot hold it exactly: it has parts of a microsecond, or its year is not from 1 to 9999.
 * @throws Error when `n` is not a decimal number
 */
export function epochTime(n: string, unit: EpochUnit): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(numberText(n).text);
  if (match === null) return undefined;
  const [, sign, integer = '', fraction = ''] = match;
  const scale = MICROSECOND_SCALE[unit];
  if (fraction.length > scale || integer.length > 18) return undefined;
  const micros = `${integer}${fraction.padEnd(scale, '0')}`;
  const seconds = Number(micros.slice(0, -6));
  const rest = Number(micros.slice(-6));
  if (sign === '') return timeText(seconds, rest);
  return rest === 0 ? timeText(-seconds, 0) : timeText(-seconds - 1, 1_000_000 - rest);
}

/** The same for an integer that JavaScript holds exactly. */
export function integerEpochTime(n: number, unit: EpochUnit): string | undefined {
  const perSecond = PER_SECOND[unit];
  const seconds = Math.floor(n / perSecond);
  return timeText(seconds, (n - seconds * perSecond) * (1_000_000 / perSecond));
}

const SECONDS_PER_DAY = 86_400;

/** `00` to `59`, and `000` to `999`. */
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

function timeText(seconds: number, micros: number): string | undefined {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return undefined;
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const ofDay = seconds - day * SECONDS_PER_DAY;
  const hour = Math.floor(ofDay / 3600);
  const minute = Math.floor(ofDay / 60) % 60;
  const upToSecond = `${dayText(day)}T${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[ofDay % 60]}`;
  if (micros === 0) return `${upToSecond}Z`;
  const millis = THREE_DIGITS[Math.floor(micros / 1000)];
  return micros % 1000 === 0
    ? `${upToSecond}.${millis}Z`
    : `${upToSecond}.${millis}${THREE_DIGITS[micros % 1000]}Z`;
}

/** The last day, because most times of a page are close together. */
let lastDay = Number.NaN;
let lastDayText = '';

function dayText(day: number): string {
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10);
  }
  return lastDayText;
}
