import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import type { TypeKind } from '../../sql/type-name.ts';

/** How `PlainRows` reads a column's fields. Texts come first. */
const TEXT = 0;
export const ASCII_TEXT = 1;
export const INTEGER = 2;
export const DECIMAL = 3;
export const FLOAT = 4;
export const BOOLEAN = 5;
export const DATE = 6;
export const TIMESTAMP = 7;
export const TIMESTAMPTZ = 8;
export const HEX = 9;
export const JSON_TEXT = 10;
/** By `loadField` alone. */
const JUDGED = 11;

const READERS: Record<TypeKind, number> = {
  varchar: TEXT,
  char: ASCII_TEXT,
  smallint: INTEGER,
  integer: INTEGER,
  bigint: INTEGER,
  numeric: DECIMAL,
  real: FLOAT,
  double: FLOAT,
  boolean: BOOLEAN,
  date: DATE,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  varbyte: HEX,
  super: JSON_TEXT,
};

/** Whether `PlainRows` can find the fields of such a file: neither special character is part of a number, date or word. */
export function hasOrdinaryFields({ quote, delimiter, nullAs }: CopyStatement): boolean {
  const isSeparator = delimiter < ' ' || ',|;^~#&!@%*'.includes(delimiter);
  return (quote === '"' || quote === "'") && isSeparator && !nullAs.includes(quote);
}

/** How to read a column's fields under the options of a COPY. */
export function readerOf(kind: TypeKind, copy: CopyStatement): number {
  const reader = READERS[kind];
  switch (reader) {
    case TEXT:
    case ASCII_TEXT:
      return copy.blanksAsNull || copy.trimBlanks || copy.replaceInvalid !== undefined ? JUDGED : reader;
    case DATE:
      return copy.dateFormat === 'default' || copy.dateFormat === 'auto' ? reader : JUDGED;
    case TIMESTAMP:
    case TIMESTAMPTZ:
      return copy.timeFormat === 'default' || copy.timeFormat === 'auto' ? reader : JUDGED;
    case JSON_TEXT:
      return copy.quote === '"' ? reader : JUDGED;
    default:
      return reader;
  }
}
