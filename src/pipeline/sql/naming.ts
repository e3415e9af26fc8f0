import { z } from 'zod';

/** How the names of tables and columns are derived from those of attributes. docs/mapping.md has the rules. */
export const Naming = z.enum(['snake_case', 'lower']);
export type Naming = z.infer<typeof Naming>;

/** The naming of a definition, plan or agreed schema that has none: version 0.1.0 knew no other. */
export const FIRST_NAMING: Naming = 'lower';

/**
 * An attribute's name with legal characters only: in lower case, with letters, digits (of any script) and `_`. The
 * result may be empty or begin with a digit.
 */
export function legalCharacters(name: string, naming: Naming): string {
  return naming === 'lower' ? name.toLowerCase().replace(/[^\p{L}\p{Nd}_]/gu, '_') : snakeCase(name);
}

/** A letter that has a small one. Mathematical letters have none. */
const CAPITAL = '(?=\\p{L})\\p{Changes_When_Lowercased}\\p{M}*';
/** A capital before a small letter. The exceptions belong to an acronym: its plural (`IDs`) and its version (`IPv4`). */
const INITIAL = `${CAPITAL}(?!s(?!\\p{Ll})|v\\p{Nd})\\p{Ll}`;
/** Each looks ahead first: looking back from every character takes quadratic time if a name is thousands of accents. */
const WORD_STARTS = new RegExp(
  [
    // A capital after a small letter, or one without case.
    `(?=${CAPITAL})(?<=[\\p{Ll}\\p{Lo}\\p{Lm}]\\p{M}*)`,
    // The last capital of several, if a small letter follows.
    `(?=${INITIAL})(?<=${CAPITAL})`,
    // A capital after a digit, unless it is a word alone.
    `(?<=\\p{Nd})(?=${INITIAL}|${CAPITAL}(?!${INITIAL})${CAPITAL})`,
  ].join('|'),
  'gu',
);

/** What a name keeps. Accents and vowel signs are kept on their letters only. */
const KEPT = /(?:\p{L}[\p{Mn}\p{Mc}]*|[\p{Nd}_])+/gu;

function snakeCase(name: string): string {
  const words = name
    // Joiners, variation selectors and other characters that cannot be seen.
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(WORD_STARTS, '_')
    .toLowerCase()
    // Unicode's lower case of the Turkish İ has a second dot.
    .replace(/i\u0307+/g, 'i')
    .normalize('NFC');
  const kept = words.match(KEPT) ?? [];
  return kept
    .join(' ')
    .replace(/ ?(_+) ?/g, '$1')
    .replaceAll(' ', '_');
}
