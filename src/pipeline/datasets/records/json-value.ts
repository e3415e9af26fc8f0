import { parseExactly } from '../../item/exact-json.ts';
import { numberText } from '../../item/number.ts';

/**
 * A JSON record with exact numbers. A number is a JavaScript number if its shortest text is the number that was written,
 * else a bigint if it is an integer, else a `WrittenNumber`: 0.1 is a number, 9223372036854775807 a bigint,
 * 0.12345678901234567891 a `WrittenNumber`.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | WrittenNumber
  | readonly JsonValue[]
  | JsonRecord;

export interface JsonRecord {
  readonly [name: string]: JsonValue | undefined;
}

/** A number that neither a JavaScript number nor a bigint holds. */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** Any JavaScript number holds an integer this short. */
const SHORT_INTEGER = /^-?(?:0|[1-9]\d{0,14})$/;
/** As bigints, larger ones would take megabytes: 1e999999999 is a JSON number. */
const MAX_INTEGER_DIGITS = 1000;

function exactNumber(written: string): number | bigint | WrittenNumber {
  const number = Number(written);
  if (SHORT_INTEGER.test(written)) return number;
  const canonical = canonicalOf(written);
  if (canonical === undefined) return new WrittenNumber(written);
  if (Number.isFinite(number) && canonicalOf(String(number)) === canonical) return number;
  return /^-?\d+$/.test(canonical) && canonical.length <= MAX_INTEGER_DIGITS
    ? BigInt(canonical)
    : new WrittenNumber(written);
}

function canonicalOf(written: string): string | undefined {
  try {
    return numberText(written).text;
  } catch {
    return undefined;
  }
}

/**
 * What may begin a number that JSON.parse rounds: a double keeps any 15 digits, and exponents are rare. It also matches in texts, such as
 * a list of numbers.
 */
const LONG_NUMBER = /(?:^|[:,[])[ \t\r\n]*-?(?:[\d.]{16}|[\d.]+[eE])/g;

/** Whether JSON.parse may round a number. Most records have none, and are parsed several times as fast. */
function hasLongNumber(json: string): boolean {
  LONG_NUMBER.lastIndex = 0;
  // After the texts so far.
  let end = 0;
  for (let match = LONG_NUMBER.exec(json); match !== null; match = LONG_NUMBER.exec(json)) {
    let isInText = false;
    while (!isInText) {
      const opening = json.indexOf('"', end);
      if (opening < 0 || opening > match.index) return true;
      const closing = closingQuote(json, opening);
      if (closing < 0) return true;
      end = closing + 1;
      isInText = match.index < closing;
    }
    LONG_NUMBER.lastIndex = end;
  }
  return false;
}

function closingQuote(json: string, opening: number): number {
  for (let at = json.indexOf('"', opening + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

/** @throws SyntaxError if the text is not JSON */
export const parseJson = (text: string): JsonValue =>
  parseExactly(text, hasLongNumber(text) ? exactNumber : undefined) as JsonValue;

export const isJsonRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof WrittenNumber) &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);
