import { join } from 'node:path';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { copiedColumn } from '../../../pipeline/datasets/redshift/redshift-type.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { download, upload } from '../../../store/datasets/local-files.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { inStepDirectory } from '../step-directory.ts';

type StoredFile = Parameters<typeof download>[1];

/**
 * Writes files again so that COPY reads their decimals exactly, one by one.
 * @param keyOf the next file's key
 */
export async function rewriteFiles(
  { tableEngine }: Pick<Dependencies, 'tableEngine'>,
  {
    source,
    columns,
    files,
    to,
    keyOf,
  }: {
    readonly source: DatasetFiles['store'];
    /** Those that the files have, in their order. */
    readonly columns: readonly TableColumn[];
    readonly files: readonly StoredFile[];
    readonly to: DatasetFiles['store'];
    readonly keyOf: () => string;
  },
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const written: StoredFile[] = [];
  for (const file of files)
    await inStepDirectory(async (directory) => {
      const local = join(directory, 'in.parquet');
      await download(source, file, local, signal);
      const table = { columns, partitionColumns: [], partitions: [{ values: [], files: [local] }] };
      const { path } = await tableEngine.derive(
        {
          sql: 'SELECT * FROM copied',
          tables: { copied: table },
          columns: columns.map(copiedColumn),
          directory,
        },
        { signal },
      );
      if (path !== undefined) written.push(await upload(to, path, keyOf(), signal));
    });
  return written;
}
