import type { AttributeValue } from './attribute.ts';
import { MAX_VARCHAR_BYTES, measure } from './csv.ts';
import { numberText } from './number.ts';

/**
 * A value kept whole, in one cell: plain JSON for a SUPER column where that keeps every value in it exactly, else
 * DynamoDB-JSON, which keeps anything, for the VARBYTE column beside it.
 */

/** Most bytes of a SUPER value. An item of DynamoDB's (400 KB) stays below it, however it is escaped. */
const MAX_SUPER_BYTES = 16_777_216;

/** Most digits of a number that a double keeps, as which Redshift may hold the numbers of a SUPER. */
const MAX_EXACT_DIGITS = 15;

/**
 * The JSON of a value as SUPER holds it exactly; undefined where it does not: binary, sets, numbers of more than 15
 * digits, strings and names that are over 65,535 bytes, hold U+0000 or half of a surrogate pair.
 * @throws Error for what is no attribute value.
 */
export function superJson(value: AttributeValue): string | undefined {
  const json = jsonOf(value);
  // A character of JSON is at most 3 bytes, of a pair's two halves 2 each.
  return json === undefined ||
    json.length * 3 <= MAX_SUPER_BYTES ||
    Buffer.byteLength(json) <= MAX_SUPER_BYTES
    ? json
    : undefined;
}

function jsonOf(value: AttributeValue): string | undefined {
  if ('S' in value) return jsonText(value.S);
  if ('N' in value) return jsonNumber(value.N);
  if ('BOOL' in value) return String(value.BOOL);
  if ('NULL' in value) return 'null';
  if ('L' in value) return joined('[', value.L.map(jsonOf), ']');
  if ('M' in value) return joined('{', Object.entries(value.M).map(jsonMember), '}');
  return undefined;
}

function jsonMember([name, value]: [string, AttributeValue]): string | undefined {
  const key = jsonText(name);
  const json = key === undefined ? undefined : jsonOf(value);
  return json === undefined ? undefined : `${key}:${json}`;
}

function jsonText(text: string): string | undefined {
  const bytes = measure(text);
  return bytes < 0 || bytes > MAX_VARCHAR_BYTES ? undefined : JSON.stringify(text);
}

function jsonNumber(n: string): string | undefined {
  const { text, integerDigits, scale, exponent } = numberText(n);
  return exponent || integerDigits + scale > MAX_EXACT_DIGITS ? undefined : text;
}

function joined(open: string, members: readonly (string | undefined)[], close: string): string | undefined {
  return members.includes(undefined) ? undefined : `${open}${members.join(',')}${close}`;
}
