import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import type { TypeKind } from '../../sql/type-name.ts';
import type { TargetColumn } from '../target-column.ts';
import { readerOf } from './field-readers.ts';

/** So many digits fit for sure. */
const INTEGER_DIGITS: Partial<Record<TypeKind, number>> = { smallint: 4, integer: 9, bigint: 18 };

/** What `PlainRows` knows of each column. */
export interface PlainColumns {
  count: number;
  /** One of field-readers.ts. */
  readers: Uint8Array;
  /** The most bytes of a text, digits of an integer, or digits of a number before the point. */
  sizes: Int32Array;
  /** The most digits after the point. */
  scales: Int32Array;
  /** 1 or 0. */
  emptyIsNull: Uint8Array;
  /** 1 or 0. */
  notNull: Uint8Array;
}

export function plainColumns(columns: TargetColumn[], copy: CopyStatement): PlainColumns {
  const textMayBeEmpty = !copy.emptyAsNull && copy.nullAs !== '';
  return {
    count: columns.length,
    readers: Uint8Array.from(columns, ({ kind }) => readerOf(kind, copy)),
    sizes: Int32Array.from(columns, ({ kind, precision, scale, maxBytes }) =>
      kind === 'numeric' ? precision - scale : (INTEGER_DIGITS[kind] ?? maxBytes),
    ),
    scales: Int32Array.from(columns, ({ scale }) => scale),
    emptyIsNull: Uint8Array.from(columns, ({ kind }) =>
      (kind === 'varchar' || kind === 'char') && textMayBeEmpty ? 0 : 1,
    ),
    notNull: Uint8Array.from(columns, ({ notNull }) => (notNull ? 1 : 0)),
  };
}
