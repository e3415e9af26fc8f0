import type { TableColumn } from './column-type.ts';
import { literal, quoted, storedType, textList } from './duckdb-sql.ts';

interface ViewedTable {
  readonly columns: readonly TableColumn[];
  /** Columns that are in the path, not in the files. */
  readonly partitionColumns: readonly TableColumn[];
}

/** A view of a table's files, with the columns that are in their paths. Columns that a file does not have are NULL; others are left out. */
export function tableView(
  name: string,
  table: ViewedTable & {
    readonly partitions: readonly { readonly values: readonly string[]; readonly files: readonly string[] }[];
  },
): string {
  const partitions = table.partitions
    .filter(({ files }) => files.length > 0)
    .map(
      ({ values, files }) =>
        `SELECT *${constants(table, values)} FROM read_parquet(${textList(files)}, union_by_name = true)`,
    );
  return viewOf(name, table, partitions);
}

/**
 * A view with the same columns, over an empty table per partition instead of its files. The tables that the plan of a query still
 * names are the partitions that it reads.
 * @param table its number among the tables of the query
 * @returns the statements that make it
 */
export function probeView(
  name: string,
  table: number,
  viewed: ViewedTable & { readonly partitions: readonly (readonly string[])[] },
): string[] {
  const columns = viewed.columns.map(({ name: column, type }) => `${quoted(column)} ${storedType(type)}`);
  const probe = (partition: number) => `${PROBE}${table}_${partition}`;
  return [
    ...viewed.partitions.map(
      (_, partition) => `CREATE TEMP TABLE ${probe(partition)} (${columns.join(', ')})`,
    ),
    viewOf(
      name,
      viewed,
      viewed.partitions.map(
        (values, partition) => `SELECT *${constants(viewed, values)} FROM ${probe(partition)}`,
      ),
    ),
  ];
}

const PROBE = '_tributary_probe_';
const PROBES = new RegExp(`${PROBE}(\\d+)_(\\d+)`, 'g');

/** The partitions that a plan reads: table and partition, as `probeView` numbers them. */
export const probesIn = (plan: string): (readonly [table: number, partition: number])[] =>
  [...plan.matchAll(PROBES)].map(([, table, partition]) => [Number(table), Number(partition)] as const);

const constants = ({ partitionColumns }: ViewedTable, values: readonly string[]): string =>
  partitionColumns
    .map(
      (column, index) =>
        `, ${literal(values[index] ?? '')}::${storedType(column.type)} AS ${quoted(column.name)}`,
    )
    .join('');

function viewOf(
  name: string,
  { columns, partitionColumns }: ViewedTable,
  partitions: readonly string[],
): string {
  const none = [...columns, ...partitionColumns].map(
    (column) => `NULL::${storedType(column.type)} AS ${quoted(column.name)}`,
  );
  const rows = unionTree([`SELECT ${none.join(', ')} WHERE false`, ...partitions]);
  const names = [...columns, ...partitionColumns].map((column) => quoted(column.name));
  return `CREATE TEMP VIEW ${quoted(name)} AS SELECT ${names.join(', ')} FROM ${rows}`;
}

/** All rows by column name. A tree, because a chain of thousands of partitions is nested as deep. */
function unionTree(rows: readonly string[]): string {
  if (rows.length === 1) return `(${rows[0]})`;
  const middle = Math.ceil(rows.length / 2);
  return `(${unionTree(rows.slice(0, middle))} UNION ALL BY NAME ${unionTree(rows.slice(middle))})`;
}
