import type { TableColumn } from '../parquet/column-type.ts';
import type { ColumnType } from '../records/column-type.ts';

/** The type in Redshift of a column of a dataset. */
export function redshiftType(type: ColumnType): string {
  switch (type.kind) {
    case 'string':
      return 'VARCHAR(65535)';
    case 'bigint':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE PRECISION';
    case 'boolean':
      return 'BOOLEAN';
    case 'timestamp':
      return 'TIMESTAMPTZ';
    case 'date':
      return 'DATE';
    case 'binary':
      return 'VARBYTE(16777216)';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'list':
    case 'struct':
      return 'SUPER';
  }
}

/** Columns that COPY of Parquet takes only as JSON. */
export const isNestedColumn = ({ type }: TableColumn): boolean =>
  type.kind === 'list' || type.kind === 'struct';

/** DuckDB writes decimals of more digits than an integer holds as 16 bytes, and COPY takes no more bytes than the digits need. */
const WIDE = { above: 18, below: 37, copied: 38 };

/** The column of files that COPY reads exactly: decimals of 19 to 36 digits have 38 there. */
export function copiedColumn(column: TableColumn): TableColumn {
  const { name, type } = column;
  const isWide = type.kind === 'decimal' && type.precision > WIDE.above && type.precision < WIDE.below;
  return isWide ? { name, type: { ...type, precision: WIDE.copied } } : column;
}

/** Whether files with these columns are written again before COPY reads them. */
export const isRewritten = (columns: readonly TableColumn[]): boolean =>
  columns.some((column) => copiedColumn(column) !== column);
