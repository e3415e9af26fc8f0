import { fingerprint } from '../item/fingerprint.ts';
import { legalCharacters, type Naming } from './naming.ts';

/**
 * Names and texts in SQL. Redshift folds identifiers to lower case, quoted or not, and limits them to 127 bytes of
 * UTF-8. So every name that Tributary gives is lower-case and at most that long.
 */

/** The most UTF-8 bytes in a Redshift identifier. */
export const MAX_NAME_BYTES = 127;

const HASH_DIGITS = 8;

export const byteLength = (text: string) => Buffer.byteLength(text, 'utf8');

/**
 * An identifier in double quotes; quotes inside it are doubled.
 * @throws Error for a name that Redshift would reject or truncate: empty, longer than 127 bytes, or with U+0000.
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0') || byteLength(name) > MAX_NAME_BYTES) {
    throw new Error(
      `not a Redshift identifier (1 to ${MAX_NAME_BYTES} bytes, no NUL): ${JSON.stringify(name)}`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."relation"`. */
export function qualified(schema: string, relation: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(relation)}`;
}

/**
 * A text in single quotes; quotes inside it are doubled. Redshift, derived from PostgreSQL 8, reads a backslash as an
 * escape; PostgreSQL since 9.1 does not. So a text with a backslash is rejected. None of Tributary's own texts has one.
 * @throws Error for a backslash or U+0000.
 */
export function quoteLiteral(text: string): string {
  if (/[\\\0]/.test(text)) {
    throw new Error(`a text in SQL cannot contain a backslash or NUL: ${JSON.stringify(text)}`);
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * A comment's text in single quotes. Backslashes are doubled, as Redshift requires. A server that does not treat them
 * as escapes shows two of them; under either reading, the text cannot end early.
 */
export function quoteComment(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/**
 * A legal name for an attribute: legal characters, not empty, no leading digit, at most 127 bytes, truncated between
 * characters. Different attributes can have the same legal name: see `giveName`.
 */
export function legalName(attributeName: string, naming: Naming): string {
  return cutToBytes(legalStart(legalCharacters(attributeName, naming)), MAX_NAME_BYTES);
}

/** Puts `_` before a leading digit. An empty name becomes `_`. */
export function legalStart(name: string): string {
  return name === '' || /^\p{Nd}/u.test(name) ? `_${name}` : name;
}

/**
 * A name that is not yet in `taken`, and adds it there: `wanted` itself or, if that is taken or too long, as much of it
 * as fits, then `_` and a short hash of `identity`. A name depends on the calls before it, so callers must name things
 * in a fixed order.
 */
export function giveName(wanted: string, identity: string, taken: Set<string>): string {
  let name = byteLength(wanted) <= MAX_NAME_BYTES ? wanted : hashed(wanted, identity, HASH_DIGITS);
  for (let digits = HASH_DIGITS; taken.has(name); digits++) name = hashed(wanted, identity, digits);
  taken.add(name);
  return name;
}

/** The order in which names are given: by UTF-8 bytes, whatever the machine and locale. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function hashed(wanted: string, identity: string, digits: number): string {
  return `${cutToBytes(wanted, MAX_NAME_BYTES - digits - 1)}_${fingerprint(identity, digits)}`;
}

/** As much of a text as fits, cut between characters. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
