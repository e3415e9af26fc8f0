import type { ColumnType } from './column-type.ts';

/**
 * COPY truncates the digits that a DECIMAL column has no room for, without a word, and a cast rounds them. So texts for such a
 * column are read as VARCHAR, and checked before the cast.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html (ROUNDEC)
 */

/** The type that such texts are read as. A number of 38 digits has room for 80 needless zeros. */
export const DECIMAL_TEXT_TYPE = 'varchar(128)';

/** The value of a text: an empty or blank field is NULL, as COPY has it for numbers. @param text quoted */
export const decimalFromText = (text: string, type: ColumnType) => `NULLIF(TRIM(${text}), '')::${type.sql}`;

/** The condition that a text is neither NULL, nor blank, nor a number that the type holds with all its digits. */
export function isInexactText(text: string, type: ColumnType): string {
  return `(TRIM(${text}) <> '' AND (${text} !~ '${exactPattern(type)}' OR ${text} !~ '[0-9]'))`;
}

/**
 * A regular expression for the numbers that a DECIMAL holds exactly: without an exponent, needless zeros allowed.
 * Braces are documented: https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-posix.html
 */
export function exactPattern({ precision = 18, scale = 0 }: ColumnType): string {
  return `^ *[+-]?0*${digits(precision - scale)}([.]${digits(scale)}0*)? *$`;
}

const digits = (most: number) => (most === 0 ? '' : `[0-9]{0,${most}}`);

/** The condition that a value is not NULL and changes by a cast. */
export const isInexactValue = (value: string, type: ColumnType) => `(${value}::${type.sql} <> ${value})`;
