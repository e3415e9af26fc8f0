import type { TableColumn } from '../parquet/column-type.ts';
import { type ColumnType, typeText } from '../records/column-type.ts';

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
const WIDE = { above: 18, below: 37 };

/** Why COPY cannot read files with these columns. */
export const copyProblems = (dataset: string, columns: readonly TableColumn[]): string[] =>
  columns.flatMap(({ name, type }) =>
    type.kind === 'decimal' && type.precision > WIDE.above && type.precision < WIDE.below
      ? [
          `${dataset}.${name} is ${typeText(type)}: Redshift reads decimals of up to 18 digits from Parquet, or of 37 and 38. Declare decimal(38,${type.scale})`,
        ]
      : [],
  );
