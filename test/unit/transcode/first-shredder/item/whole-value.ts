import type { AttributeValue } from './attribute.ts';
import { MAX_VARCHAR_BYTES, measure } from './csv.ts';
import { numberText } from './number.ts';

/**
 * A value kept whole, in one cell. If plain JSON keeps every value in it exactly, it goes into a SUPER column as
 * plain JSON. Otherwise it goes into the VARBYTE column beside that as DynamoDB-JSON, which keeps anything.
 */

/** The most bytes that a SUPER value holds. A DynamoDB item (400 KB) stays below that, however it is escaped. */
const MAX_SUPER_BYTES = 16_777_216;

/** The most digits that a double keeps exactly. Redshift may store the numbers in a SUPER as doubles. */
const MAX_EXACT_DIGITS = 15;

/**
 * The JSON that SUPER holds exactly for a value; undefined if there is none, as for binary, sets, numbers
 * of more than 15 digits, and strings and names that are longer than 65,535 bytes or contain U+0000 or half of a
 * surrogate pair.
 * @throws Error for a number that is not decimal.
 */
export function superJson(value: AttributeValue): string | undefined {
  const json = jsonOf(value);
  // A UTF-16 unit of JSON is at most 3 bytes of UTF-8; each half of a surrogate pair counts 2.
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
