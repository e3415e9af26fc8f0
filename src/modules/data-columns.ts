import type { DatasetDefinition } from '../pipeline/datasets/definition.ts';
import type { TableColumn } from '../pipeline/datasets/parquet/column-type.ts';
import type { Cell } from '../pipeline/datasets/records/record-row.ts';
import type { DescribedColumn } from './thread-messages.ts';

/** The columns of the data files: those of the module without the partition's, which is in the path and in the catalogue. */
export interface DataColumns {
  readonly columns: readonly TableColumn[];
  readonly cellsOf: (cells: readonly Cell[]) => readonly Cell[];
}

export function dataColumns(
  { partition }: Pick<DatasetDefinition, 'partition'>,
  columns: readonly DescribedColumn[],
): DataColumns {
  const left = partition.from === undefined ? columns.findIndex(({ name }) => name === partition.column) : -1;
  return {
    columns: columns
      .filter((_, index) => index !== left)
      .map(({ name, type, isComputed }) => ({ name, type, ...(isComputed ? { isComputed } : {}) })),
    cellsOf: (cells) => (left < 0 ? cells : cells.filter((_, index) => index !== left)),
  };
}

/** Rows are sorted by the key of duplicates, else by the first column: readers skip row groups by it. */
export function sortOf(
  { deduplicate }: Pick<DatasetDefinition, 'deduplicate'>,
  columns: readonly TableColumn[],
): readonly string[] {
  const names = new Set(columns.map(({ name }) => name));
  return deduplicate === undefined
    ? columns.slice(0, 1).map(({ name }) => name)
    : deduplicate.key.filter((name) => names.has(name));
}
