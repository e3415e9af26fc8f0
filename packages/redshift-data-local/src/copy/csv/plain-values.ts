import { COLON, isDigit, MINUS, POINT } from '../byte.ts';
import { copyDigits } from './runs.ts';

/**
 * The values of ordinary fields. Each function returns the end of the longest value that begins at `at`, or -1 if there
 * is none that is clearly one of the type: what `loadField` would accept and leave unchanged. The caller checks that
 * the field ends there, too. Fields of all other forms are left to `loadField`. A number is also copied: a byte from
 * `at` to `at + shift`.
 */

/** `-?` and up to `maxDigits` digits. */
export function copyInteger(
  source: DataView,
  target: DataView,
  at: number,
  shift: number,
  maxDigits: number,
): number {
  const from = copySign(source, target, at, shift);
  const end = copyDigits(source, target, from, shift);
  return end === from || end - from > maxDigits ? -1 : end;
}

/** A number without leading zeros, with at most that many digits before and after the point. */
export function copyDecimal(
  source: DataView,
  target: DataView,
  at: number,
  shift: number,
  maxWhole: number,
  maxFraction: number,
): number {
  const from = copySign(source, target, at, shift);
  const point = copyDigits(source, target, from, shift);
  const whole = point - from;
  if (whole === 0) return -1;
  // `0` has no digit before the point that counts.
  if (source.getUint8(from) === ZERO ? whole > 1 : whole > maxWhole) return -1;
  if (source.getUint8(point) !== POINT) return point;
  target.setUint8(point + shift, POINT);
  const end = copyDigits(source, target, point + 1, shift);
  const fraction = end - point - 1;
  return fraction === 0 || fraction > maxFraction ? -1 : end;
}

/** A number of up to 30 characters without an exponent: in the range of REAL, too. */
export function copyFloat(source: DataView, target: DataView, at: number, shift: number): number {
  const end = copyDecimal(source, target, at, shift, 30, 30);
  return end - at > 30 ? -1 : end;
}

/** @returns after the sign, if there is one */
function copySign(source: DataView, target: DataView, at: number, shift: number): number {
  if (source.getUint8(at) !== MINUS) return at;
  target.setUint8(at + shift, MINUS);
  return at + 1;
}

const ZERO = 0x30;

const DAYS = new Uint8Array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Two digits as a number; over 99 if they are not digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at]! - 0x30) >>> 0;
  if (tens > 9) return 1000;
  const ones = (bytes[at + 1]! - 0x30) >>> 0;
  return ones > 9 ? 1000 : tens * 10 + ones;
}

/** `2024-02-29`. */
export function dateEnd(bytes: Uint8Array, at: number): number {
  const century = two(bytes, at);
  if (century > 99) return -1;
  const yearOfCentury = two(bytes, at + 2);
  if (yearOfCentury > 99 || bytes[at + 4] !== MINUS) return -1;
  const month = two(bytes, at + 5);
  if (month < 1 || month > 12 || bytes[at + 7] !== MINUS) return -1;
  const day = two(bytes, at + 8);
  const year = century * 100 + yearOfCentury;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (year < 1 || day < 1 || day > DAYS[month]! + (month === 2 && isLeap ? 1 : 0)) return -1;
  return at + 10;
}

/** What follows the date and its separator: `01:02:03`, with up to six digits of a second. */
export function clockEnd(bytes: Uint8Array, at: number): number {
  if (two(bytes, at) > 23 || bytes[at + 2] !== COLON) return -1;
  if (two(bytes, at + 3) > 59 || bytes[at + 5] !== COLON || two(bytes, at + 6) > 59) return -1;
  if (bytes[at + 8] !== POINT) return at + 8;
  let end = at + 9;
  while (isDigit(bytes[end]!)) end++;
  const fraction = end - at - 9;
  return fraction === 0 || fraction > 6 ? -1 : end;
}

const HEX = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = 1;

/** Pairs of hexadecimal digits. */
export function hexEnd(bytes: Uint8Array, at: number, maxBytes: number): number {
  let end = at;
  while (HEX[bytes[end]!] === 1) end++;
  return (end - at) % 2 !== 0 || (end - at) / 2 > maxBytes ? -1 : end;
}
