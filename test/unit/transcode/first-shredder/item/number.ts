/**
 * Numbers as text, never as JavaScript numbers. DynamoDB holds 38 significant digits and magnitudes from 1E-130
 * to 9.99…E+125. Redshift's DECIMAL holds 38 digits in total, before and after the point.
 */

/** The most digits, before and after the point in total, that are written without an exponent: DECIMAL's limit. */
const MAX_PLAIN_DIGITS = 38;

interface NumberText {
  /**
   * The canonical text. If 38 digits hold the number, it is plain: `-12.5`, without leading or trailing zeros,
   * `0.5` with its zero, never `-0`. Otherwise it is one digit, the point, the other digits, `E`, the sign and the
   * exponent: `1E+125`, `-1.25E-130`.
   */
  readonly text: string;
  /** Digits before the point without leading zeros: 0 for `0` and `0.5`, and for a text with an exponent. */
  readonly integerDigits: number;
  /** Digits after the point; 0 for a text with an exponent. */
  readonly scale: number;
  /** Whether the number is an integer from -2^63 to 2^63 - 1. */
  readonly int64: boolean;
  /** Whether the text has an exponent. */
  readonly exponent: boolean;
}

/**
 * The canonical text of a decimal number: `1E2` is `100`, `1.50` is `1.5`, `.5` is `0.5`, `-0` is `0`. It is exact
 * for every number, and equal numbers have equal texts.
 * @throws Error when `n` is not a decimal number (`NaN`, blanks, an empty text, an exponent of more than nine
 *   digits). The message does not quote `n`.
 */
export function numberText(n: string): NumberText {
  if (isShortInteger(n)) {
    const integerDigits = n === '0' ? 0 : n.charCodeAt(0) === MINUS ? n.length - 1 : n.length;
    return { text: n, integerDigits, scale: 0, int64: true, exponent: false };
  }
  const { negative, digits, power } = decimalOf(n);
  if (digits === '') return { text: '0', integerDigits: 0, scale: 0, int64: true, exponent: false };
  const sign = negative ? '-' : '';
  const pointAt = digits.length + power;
  const integerDigits = Math.max(0, pointAt);
  const scale = Math.max(0, -power);
  if (integerDigits + scale > MAX_PLAIN_DIGITS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const exponent = pointAt - 1;
    const text = `${sign}${digits[0]}${fraction}E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
    return { text, integerDigits: 0, scale: 0, int64: false, exponent: true };
  }
  if (scale === 0) {
    const integer = digits + '0'.repeat(power);
    const int64 = fitsInt64(negative, integer);
    return { text: sign + integer, integerDigits, scale, int64, exponent: false };
  }
  const integer = integerDigits === 0 ? '0' : digits.slice(0, integerDigits);
  const fraction = digits.slice(integerDigits).padStart(scale, '0');
  return { text: `${sign}${integer}.${fraction}`, integerDigits, scale, int64: false, exponent: false };
}

/** Compares two decimal numbers exactly, by value: negative, zero or positive, as `sort` expects. */
export function compareNumbers(a: string, b: string): number {
  const x = decimalOf(a);
  const y = decimalOf(b);
  const signs = signOf(x) - signOf(y);
  if (signs !== 0 || x.digits === '') return signs;
  return x.negative ? compareMagnitudes(y, x) : compareMagnitudes(x, y);
}

/** ±digits × 10^power. The digits have no zeros at either end, so zero has no digits. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly power: number;
}

const DECIMAL = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,9}))?$/;

function decimalOf(n: string): Decimal {
  const match = DECIMAL.exec(n);
  if (match === null) throw new Error(`not a decimal number (${n.length} characters)`);
  const [, sign, integer = '', fraction = match[4] ?? '', , exponent = '0'] = match;
  const all = integer + fraction;
  let start = 0;
  while (start < all.length && all[start] === '0') start++;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end--;
  if (start === end) return { negative: false, digits: '', power: 0 };
  const power = Number(exponent) - fraction.length + (all.length - end);
  return { negative: sign === '-', digits: all.slice(start, end), power };
}

const signOf = (d: Decimal) => (d.digits === '' ? 0 : d.negative ? -1 : 1);

function compareMagnitudes(x: Decimal, y: Decimal): number {
  const byLength = x.digits.length + x.power - (y.digits.length + y.power);
  if (byLength !== 0) return byLength;
  // Both start at the same power of ten and neither ends in zeros, so the digits compare as text.
  return x.digits < y.digits ? -1 : x.digits > y.digits ? 1 : 0;
}

const MINUS = 45;

/** The common case: a number that is already canonical and certain to fit in 64 bits. */
function isShortInteger(n: string): boolean {
  const start = n.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = n.length - start;
  if (digits < 1 || digits > 18) return false;
  const first = n.charCodeAt(start);
  if (first === 48) return n === '0';
  for (let i = start; i < n.length; i++) {
    const c = n.charCodeAt(i);
    if (c < 48 || c > 57) return false;
  }
  return true;
}

function fitsInt64(negative: boolean, integer: string): boolean {
  if (integer.length !== 19) return integer.length < 19;
  return integer <= (negative ? '9223372036854775808' : '9223372036854775807');
}
