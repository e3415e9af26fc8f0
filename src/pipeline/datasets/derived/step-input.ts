import { isNested, type TableColumn } from '../parquet/column-type.ts';
import { quoted } from '../parquet/duckdb-sql.ts';

/** The columns that a function can have of an input, in their order: those of the partition first. */
export const inputColumns = ({
  columns,
  partitionColumns,
}: {
  readonly columns: readonly TableColumn[];
  readonly partitionColumns: readonly TableColumn[];
}): readonly TableColumn[] => [...partitionColumns, ...columns];

/** The rows of an input as exact texts, without lists and structs, in an order that depends on nothing but their values. */
export function inputQuery(input: string, columns: readonly TableColumn[]): string {
  const shown = columns.filter(({ type }) => !isNested(type));
  const texts = shown.map(({ name, type }) => textOf(`t.${quoted(name)}`, type.kind));
  const order = shown.map(({ name }) => `t.${quoted(name)} ASC NULLS FIRST`);
  return `SELECT ${texts.join(', ')} FROM ${quoted(input)} AS t ORDER BY ${order.join(', ')}`;
}

function textOf(value: string, kind: TableColumn['type']['kind']): string {
  if (kind === 'timestamp') return `strftime(make_timestamp(epoch_us(${value})), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return kind === 'binary' ? `base64(${value})` : value;
}
