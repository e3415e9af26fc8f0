import type { DerivedFile, TableQuery } from '../../../clients/table-engine.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { quoted } from '../../../pipeline/datasets/parquet/duckdb-sql.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';

/** The table of what was made, beside those of inputs. */
const MADE = '_tributary_made';

/** Lines of rows as one sorted Parquet file, with its content and its checks. */
export async function deriveLines(
  { tableEngine }: Pick<Dependencies, 'tableEngine'>,
  {
    path,
    columns,
    directory,
    tables = {},
    checks = [],
  }: {
    /** Of the file of lines. */
    readonly path: string;
    readonly columns: readonly TableColumn[];
    readonly directory: string;
    /** That checks read. */
    readonly tables?: TableQuery['tables'];
    readonly checks?: readonly { readonly name: string; readonly sql: string }[];
  },
  signal: AbortSignal,
): Promise<DerivedFile> {
  const rowFiles = [{ partition: 'made', path }];
  const written = await tableEngine.writeRows({ columns, rowFiles, directory }, { signal });
  const made = {
    columns,
    partitionColumns: [],
    partitions: [{ values: [], files: written.map((file) => file.path) }],
  };
  const sql = `SELECT ${columns.map(({ name }) => quoted(name)).join(', ')} FROM ${MADE}`;
  return tableEngine.derive(
    { sql, tables: { ...tables, [MADE]: made }, columns, directory, checks },
    { signal },
  );
}
