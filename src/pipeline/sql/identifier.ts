import { fingerprint } from '../item/fingerprint.ts';

/**
 * Names and texts in SQL. Redshift folds identifiers to lower case, quoted or not, and holds 127 bytes of UTF-8,
 * so every name Tributary gives is lower-case and within that.
 */

/** Most bytes of UTF-8 in a Redshift identifier. */
export const MAX_NAME_BYTES = 127;

const HASH_DIGITS = 8;

export const byteLength = (text: string) => Buffer.byteLength(text, 'utf8');

/**
 * An identifier in double quotes, which are doubled inside.
 * @throws Error on a name Redshift would refuse or cut: empty, longer than 127 bytes, or with U+0000.
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
 * A text in single quotes, which are doubled inside. Redshift, from PostgreSQL 8, reads a backslash as an escape;
 * PostgreSQL since 9.1 does not. A text that both read alike has no backslash, so such a text is refused: none
 * of Tributary's own has one.
 * @throws Error on a backslash or U+0000.
 */
export function quoteLiteral(text: string): string {
  if (/[\\\0]/.test(text)) {
    throw new Error(`a text in SQL cannot hold a backslash or NUL: ${JSON.stringify(text)}`);
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * A comment's text in single quotes. A backslash is doubled, as Redshift wants it; where backslashes are not
 * escapes the comment shows two of them, and under either reading the text cannot end early.
 */
export function quoteComment(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A name's characters made legal: lower-case, and everything but letters, digits (of any script) and `_` made `_`. */
export function legalCharacters(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{Nd}_]/gu, '_');
}

/**
 * A legal name for an attribute: legal characters, never empty, never beginning with a digit, at most 127 bytes,
 * cut between characters. Different attributes can have the same one: see `giveName`.
 */
export function legalName(attributeName: string): string {
  return cutToBytes(legalStart(legalCharacters(attributeName)), MAX_NAME_BYTES);
}

/** Puts `_` before a leading digit and makes an empty name `_`. */
export function legalStart(name: string): string {
  return name === '' || /^\p{Nd}/u.test(name) ? `_${name}` : name;
}

/**
 * A name not yet in `taken`, to which it is added: `wanted` itself, else, where that is taken or too long, as
 * much of it as fits with `_` and a short hash of `identity`. The same call after the same calls gives the same
 * name, so callers go through what they name in a fixed order.
 */
export function giveName(wanted: string, identity: string, taken: Set<string>): string {
  let name = byteLength(wanted) <= MAX_NAME_BYTES ? wanted : hashed(wanted, identity, HASH_DIGITS);
  for (let digits = HASH_DIGITS; taken.has(name); digits++) name = hashed(wanted, identity, digits);
  taken.add(name);
  return name;
}

/** The order in which names are given: by the bytes of UTF-8, on every machine and in every language alike. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function hashed(wanted: string, identity: string, digits: number): string {
  return `${cutToBytes(wanted, MAX_NAME_BYTES - digits - 1)}_${fingerprint(identity, digits)}`;
}

function cutToBytes(text: string, maxBytes: number): string {
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
