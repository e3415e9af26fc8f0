import { BACKSLASH, CARRIAGE_RETURN, NEWLINE, NUL, TAB } from './byte.ts';

/**
 * What a byte of text means to its reader: 0 for one that is copied as it is, the letter of its escape in PostgreSQL's
 * COPY text, or one of the classes below. The letters are greater than all of them.
 */
export type ByteClasses = Uint8Array;

export const PLAIN = 0;
/** The quote character. */
export const QUOTE = 1;
/** The delimiter. */
export const DELIMITER = 2;
/** Nothing that is ordinary in this place. */
export const UNUSUAL = 3;

const ESCAPE_LETTERS = [
  [BACKSLASH, '\\'],
  [NEWLINE, 'n'],
  [CARRIAGE_RETURN, 'r'],
  [TAB, 't'],
] as const;

/** The letter by which PostgreSQL's COPY text escapes a byte; 0 for all other bytes. */
export const ESCAPES: ByteClasses = new Uint8Array(256);
for (const [byte, letter] of ESCAPE_LETTERS) ESCAPES[byte] = letter.charCodeAt(0);

/**
 * Classes of a field's bytes.
 * @param delimiter of an unquoted field
 * @param multibyte bytes from 0x80 are copied: the text is known to be UTF-8, and the column holds it
 */
export function textClasses(of: { quote: number; delimiter?: number; multibyte: boolean }): ByteClasses {
  const classes = ESCAPES.slice();
  classes[NUL] = UNUSUAL;
  if (!of.multibyte) classes.fill(UNUSUAL, 0x80);
  classes[of.quote] = QUOTE;
  if (of.delimiter !== undefined) classes[of.delimiter] = DELIMITER;
  return classes;
}
