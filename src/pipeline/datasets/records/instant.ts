import type { EpochUnit } from '../../item/epoch.ts';
import { numberText } from '../../item/number.ts';
import { Misfit } from './misfit.ts';

/** Instants as whole microseconds since 1970 in UTC, from year 1 to 9999: what Parquet's TIMESTAMP(MICROS) holds of any engine's. */

/** A number if it is exact; faster. */
export type Microseconds = number | bigint;

const DIGITS_TO_MICROSECOND: Readonly<Record<EpochUnit, number>> = { s: 6, ms: 3, us: 0 };

const FIRST = -62_135_596_800_000_000n;
const LAST = 253_402_300_799_999_999n;

const MICROSECONDS: Readonly<Record<EpochUnit, number>> = { s: 1e6, ms: 1000, us: 1 };

/** @param value a decimal number, or its text @throws Misfit */
export function epochMicroseconds(value: number | string, unit: EpochUnit): Microseconds {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    const exact = value * MICROSECONDS[unit];
    // Without the sign of -0.
    if (Number.isSafeInteger(exact)) return exact + 0;
  }
  const written = String(value);
  const [, sign, integer = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(canonical(written)) ?? [];
  const digits = DIGITS_TO_MICROSECOND[unit];
  if (integer === '' || integer.length > 20) throw new Misfit('a time outside of the years 1 to 9999');
  if (fraction.length > digits) throw new Misfit('a time with parts of a microsecond');
  return inRange(BigInt(`${sign}${integer}${fraction.padEnd(digits, '0')}`));
}

function canonical(written: string): string {
  try {
    return numberText(written).text;
  } catch {
    throw new Misfit('a number that is too large');
  }
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:(Z|z)|([+-])(\d{2}):?(\d{2}))$/;

/** @param text ISO 8601 with an offset, e.g. 2026-11-01T06:00:00.123Z @throws Misfit */
export function textMicroseconds(text: string): bigint {
  const match = ISO.exec(text);
  if (match === null)
    throw new Misfit(
      'text that is not written like 2026-11-01T10:00:00.5+01:00: a time with seconds, and an offset or Z',
    );
  const [, year, month, day, hour, minute, second, fraction = '', , sign, offsetHours, offsetMinutes] = match;
  const midnight = dayNumber(`${year}-${month}-${day}`);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const isOffset = Number(offsetHours ?? 0) < 24 && Number(offsetMinutes ?? 0) < 60;
  if (midnight === undefined || !isTime || !isOffset) throw new Misfit('text with an impossible time');
  if (/[1-9]/.test(fraction.slice(6))) throw new Misfit('a time with parts of a microsecond');
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === '-' ? -60 : 60);
  const seconds = midnight * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return inRange(BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')));
}

/** @throws Misfit if it is no time */
export function dateMicroseconds(date: Date): bigint {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) throw new Misfit('an invalid Date');
  return inRange(BigInt(milliseconds) * 1000n);
}

function inRange(microseconds: bigint): bigint {
  if (microseconds < FIRST || microseconds > LAST) throw new Misfit('a time outside of the years 1 to 9999');
  return microseconds;
}

/** Days since 1970 of `YYYY-MM-DD`; undefined if there is no such day. */
function dayNumber(text: string): number | undefined {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay ? date.getTime() / 86_400_000 : undefined;
}

/** Whether it is `YYYY-MM-DD` and there is such a day. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && dayNumber(text) !== undefined;
