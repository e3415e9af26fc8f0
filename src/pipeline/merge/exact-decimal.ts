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

export const isNumber = ({ kind }: ColumnType) => kind === 'whole' || kind === 'decimal' || kind === 'float';

/** The least and the greatest value of whole numbers. */
const WHOLE_RANGES: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  int: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};
const MAX_PRECISION = 38;

/**
 * The condition that a number or time is not NULL, and that a cast to another type of number or time changes it or fails.
 * Undefined if nothing is lost but what a FLOAT never keeps.
 */
export function isInexactValue(value: string, own: ColumnType, type: ColumnType): string | undefined {
  if (type.kind === 'float') return undefined;
  const changes = `${value}::${type.sql} <> ${value}`;
  const isOutside = outside(value, own, type);
  // A cast of a number that is too large would end the transaction with an error of its own.
  return isOutside === undefined ? `(${changes})` : `(CASE WHEN ${isOutside} THEN TRUE ELSE ${changes} END)`;
}

function outside(value: string, own: ColumnType, type: ColumnType): string | undefined {
  if (type.kind === 'whole') {
    const [least, greatest] = WHOLE_RANGES[type.sql]!;
    return `${value} < ${least} OR ${value} > ${greatest}`;
  }
  if (type.kind !== 'decimal') return undefined;
  const digitsBefore = (type.precision ?? MAX_PRECISION) - (type.scale ?? 0);
  if (own.kind !== 'float' && digitsBefore >= MAX_PRECISION) return undefined;
  const bound = own.kind === 'float' ? `1e${digitsBefore}::float8` : `1${'0'.repeat(digitsBefore)}`;
  return `${value} <= -${bound} OR ${value} >= ${bound}`;
}
