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

/** A number that JSON.parse may round: most records have none, and are parsed several times as fast. It also matches in some texts. */
const LONG_NUMBER = /(?:^|[:,[])[ \t\r\n]*-?(?:\d{16}|\d+[.eE])/;

/** @throws SyntaxError if the text is not JSON */
export const parseJson = (text: string): JsonValue =>
  parseExactly(text, LONG_NUMBER.test(text) ? exactNumber : undefined) as JsonValue;

export const isJsonRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof WrittenNumber) &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);
