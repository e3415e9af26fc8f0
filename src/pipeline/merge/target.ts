import type { ColumnType } from './column-type.ts';
import { columnType } from './column-type.ts';

/** A column of the live table. */
export interface TargetColumn {
  /** In lower case, as the catalogue has it. */
  readonly name: string;
  /** As FORMAT_TYPE writes it, e.g. `character varying(64)` or `numeric(10,2)`. */
  readonly type: string;
  /** Its values compare without case. */
  readonly isCaseInsensitive?: boolean;
  /** Redshift numbers its rows (IDENTITY). */
  readonly isIdentity?: boolean;
}

/** The live table that batches are loaded into. */
export interface Target {
  readonly schema: string;
  readonly table: string;
  /** All its columns, in the catalogue's order. */
  readonly columns: readonly TargetColumn[];
  /** Its DISTKEY, if it has one: temporary tables are then distributed alike. */
  readonly distKey?: string | undefined;
}

/** How rows with one key become one row. */
export interface MergeRule {
  /** Columns of the target that identify a row. */
  readonly key: readonly string[];
  /** The column of the target whose greatest value wins. */
  readonly newest: string;
  /** The column of the files that marks deletes, and its values that do. It may be a column of the target, too. */
  readonly deletes?: { readonly column: string; readonly values: readonly string[] } | undefined;
}

/**
 * A column's type, parsed.
 * @throws Error if the target has no such column: `targetProblems` finds that out beforehand.
 */
export function typeOf(target: Target, name: string): ColumnType {
  return columnType(columnOf(target, name).type);
}

/** @throws Error if the target has no such column. */
export function columnOf({ schema, table, columns }: Target, name: string): TargetColumn {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`${schema}.${table} has no column ${name}`);
  return column;
}
