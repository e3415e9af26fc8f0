import { Trait } from '../pipeline/seen/tally.ts';
import { COLON, isDigit, LETTER, MINUS, POINT, ZERO } from './bytes.ts';

/** The trait for `textForm` of the text in these bytes: see pipeline/seen/text-form.ts. Text that is not ASCII is `other`. */
export function textTrait(page: Uint8Array, start: number, length: number): number {
  if (length === 10) return isDay(page, start) ? Trait.date : Trait.other;
  if (length < 20 || length > 27) return Trait.other;
  return isTime(page, start, length) && isDay(page, start) ? Trait.timestamp : Trait.other;
}

function isDay(page: Uint8Array, at: number): boolean {
  if (page[at + 4] !== MINUS || page[at + 7] !== MINUS) return false;
  const year = twoDigits(page, at) * 100 + twoDigits(page, at + 2);
  const month = twoDigits(page, at + 5);
  const day = twoDigits(page, at + 8);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function isTime(page: Uint8Array, at: number, length: number): boolean {
  if (page[at + 10] !== LETTER.T || page[at + length - 1] !== LETTER.Z) return false;
  if (page[at + 13] !== COLON || page[at + 16] !== COLON) return false;
  const hour = twoDigits(page, at + 11);
  const minute = twoDigits(page, at + 14);
  const second = twoDigits(page, at + 17);
  const isInDay = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
  if (!isInDay) return false;
  if (length === 20) return true;
  if (length === 21 || page[at + 19] !== POINT) return false;
  for (let i = at + 20; i < at + length - 1; i++) if (!isDigit(page[i])) return false;
  return true;
}

/** So negative that no year with it is positive. */
const NOT_DIGITS = -10_000;

function twoDigits(page: Uint8Array, at: number): number {
  const tens = page[at];
  const ones = page[at + 1];
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : NOT_DIGITS;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
