import type { ColumnType } from '../records/column-type.ts';
import type { CatalogueColumn, TableDefinition } from './catalogue-table.ts';
import { glueType } from './glue-type.ts';

/** A column of the record module. */
export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment?: string;
}

/** Where a dataset is, and what its partitions are. */
interface TablePlace {
  readonly partition: {
    readonly column?: string | undefined;
    readonly columns?: readonly string[] | undefined;
    readonly from?: string | undefined;
    readonly unit: 'day' | 'hour' | 'month' | 'all';
  };
  readonly store: { readonly bucket: string; readonly prefix: string };
}

/** The parameter that marks a table as ours: the dataset's name. */
export const DATASET_MARK = 'tributary.dataset';

/** The table of a dataset, as its definition and its record module have it. */
export function datasetTable(
  name: string,
  { partition, store }: TablePlace,
  columns: readonly DescribedColumn[],
): TableDefinition {
  const own = partition.from === undefined ? partition.column : undefined;
  return {
    columns: columns.filter((column) => column.name !== own).map(catalogueColumn),
    partitionKeys: partitionKeys(partition, columns),
    location: `s3://${store.bucket}/${store.prefix}/`,
    parameters: {
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      'parquet.compression': 'ZSTD',
      [DATASET_MARK]: name,
    },
  };
}

const catalogueColumn = ({ name, type, comment }: DescribedColumn): CatalogueColumn => ({
  name,
  type: glueType(type),
  ...(comment !== undefined && { comment }),
});

/** A day is a date. Parts of a date, hours and months are text: `11`, `2026-11-01-13`, `2026-11`. */
function partitionKeys(
  { column = '', columns: parts, unit }: TablePlace['partition'],
  columns: readonly DescribedColumn[],
): CatalogueColumn[] {
  if (parts !== undefined) return parts.map((name) => ({ name, type: 'string' }));
  const comment = columns.find(({ name }) => name === column)?.comment;
  const type = unit === 'day' ? 'date' : 'string';
  return [{ name: column, type, ...(comment !== undefined && { comment }) }];
}
