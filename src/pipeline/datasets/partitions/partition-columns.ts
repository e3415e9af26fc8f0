import type { TableColumn } from '../parquet/column-type.ts';

/**
 * The partition columns of the table: they are in the path and in the catalogue, not in the files. A day is a date; an hour
 * (`2026-11-01-13`), and the parts of a date, are text, so that they keep their zeros.
 */
export function partitionTableColumns({
  column,
  columns,
  unit,
}: {
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly unit: 'day' | 'hour' | 'month' | 'all';
}): TableColumn[] {
  if (unit === 'all') return [];
  const kind = columns === undefined && unit === 'day' ? 'date' : 'string';
  return (columns ?? [column ?? '']).map((name) => ({ name, type: { kind } }));
}
