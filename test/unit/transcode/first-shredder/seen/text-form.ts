import type { TextForm } from './seen.ts';

const ZERO = 48;
const NINE = 57;
const DASH = 45;
const COLON = 58;

/**
 * Classifies a string by the type its column could have. `date`: a valid day of the Gregorian calendar as
 * YYYY-MM-DD, years 0001 to 9999. `timestamp`: RFC 3339 in UTC with capital `T` and `Z` and at most six fractional
 * digits, the format COPY documents for TIMESTAMPTZ; no leap second and no 24:00. Everything else is `other`.
 *
 * It runs on every string, so it checks the length and the first character first and allocates nothing.
 */
export function textForm(s: string): TextForm {
  const length = s.length;
  if (length === 10) return isDay(s) ? 'date' : 'other';
  if (length < 20 || length > 27) return 'other';
  return isTime(s, length) && isDay(s) ? 'timestamp' : 'other';
}

/** Whether the first ten characters are a valid day. */
function isDay(s: string): boolean {
  const first = s.charCodeAt(0);
  if (first < ZERO || first > NINE || s.charCodeAt(4) !== DASH || s.charCodeAt(7) !== DASH) return false;
  const year = twoDigits(s, 0) * 100 + twoDigits(s, 2);
  const month = twoDigits(s, 5);
  const day = twoDigits(s, 8);
  // A character that is not a digit makes NaN, and NaN fails every comparison.
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function isTime(s: string, length: number): boolean {
  if (s.charCodeAt(10) !== 84 || s.charCodeAt(length - 1) !== 90) return false;
  if (s.charCodeAt(13) !== COLON || s.charCodeAt(16) !== COLON) return false;
  if (!(twoDigits(s, 11) <= 23 && twoDigits(s, 14) <= 59 && twoDigits(s, 17) <= 59)) return false;
  if (length === 20) return true;
  if (length === 21 || s.charCodeAt(19) !== 46) return false;
  for (let i = 20; i < length - 1; i++) {
    const c = s.charCodeAt(i);
    if (c < ZERO || c > NINE) return false;
  }
  return true;
}

function twoDigits(s: string, at: number): number {
  const tens = s.charCodeAt(at) - ZERO;
  const ones = s.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
