import type { TableColumn } from './column-type.ts';
import { literal, quoted, storedType, textList } from './duckdb-sql.ts';

/** A view of a table's files, with the columns that are in their paths. Columns that a file does not have are NULL. */
export function tableView(
  name: string,
  table: {
    readonly columns: readonly TableColumn[];
    readonly partitionColumns: readonly TableColumn[];
    readonly partitions: readonly { readonly values: readonly string[]; readonly files: readonly string[] }[];
  },
): string {
  const { partitionColumns } = table;
  const none = [...table.columns, ...partitionColumns].map(
    (column) => `NULL::${storedType(column.type)} AS ${quoted(column.name)}`,
  );
  const partitions = table.partitions
    .filter(({ files }) => files.length > 0)
    .map(({ values, files }) => {
      const constants = partitionColumns.map(
        (column, index) =>
          `, ${literal(values[index] ?? '')}::${storedType(column.type)} AS ${quoted(column.name)}`,
      );
      return `SELECT *${constants.join('')} FROM read_parquet(${textList(files)}, union_by_name = true)`;
    });
  const rows = [`(SELECT ${none.join(', ')} WHERE false)`, ...partitions].join(' UNION ALL BY NAME ');
  return `CREATE TEMP VIEW ${quoted(name)} AS ${rows}`;
}
