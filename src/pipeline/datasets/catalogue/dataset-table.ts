import type { DatasetDefinition } from '../definition.ts';
import type { ColumnType } from '../records/column-type.ts';
import type { CatalogueColumn, TableDefinition } from './catalogue-table.ts';
import { glueType } from './glue-type.ts';

/** A column of the record module. */
export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment?: string;
}

/** The parameter that marks a table as ours: the dataset's name. */
export const DATASET_MARK = 'tributary.dataset';

/** The table of a dataset, as its definition and its record module have it. */
export function datasetTable(
  name: string,
  { partition, store }: Pick<DatasetDefinition, 'partition' | 'store'>,
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

/** A day is a date. Parts of a date, and hours, are text: `11`, `2026-11-01-13`. */
function partitionKeys(
  { column, columns: parts, from, unit }: DatasetDefinition['partition'],
  columns: readonly DescribedColumn[],
): CatalogueColumn[] {
  const about = (comment: string | undefined) => (comment === undefined ? {} : { comment });
  if (parts !== undefined) return parts.map((name) => ({ name, type: 'string' }));
  const name = column ?? '';
  if (from !== undefined) return [{ name, type: unit === 'day' ? 'date' : 'string' }];
  return [{ name, type: 'date', ...about(columns.find((each) => each.name === name)?.comment) }];
}
