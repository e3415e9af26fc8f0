import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDuckDbTableEngine } from '../../clients/duckdb/duckdb-table-engine.ts';
import type { QueriedTable, QueryRows, TableEngine } from '../../clients/table-engine.ts';
import { bundleModule } from '../../modules/bundle-module.ts';
import { dataColumns } from '../../modules/data-columns.ts';
import { RecordModule } from '../../modules/record-module.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { WrittenFile } from '../../pipeline/datasets/documents.ts';
import { valueOfPath } from '../../pipeline/datasets/graph/partition-values.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import { withEarlierColumns } from '../../pipeline/datasets/parquet/earlier-columns.ts';
import { partitionTableColumns } from '../../pipeline/datasets/partitions/partition-columns.ts';
import { partitionColumns } from '../../pipeline/datasets/partitions/partition-of.ts';
import { currentPublished } from '../../store/datasets/current-generation.ts';
import type { DatasetFiles } from '../../store/datasets/dataset-documents.ts';
import { publishedColumns } from '../../store/datasets/published-columns.ts';
import { publishedPartitions } from '../../store/datasets/published-partitions.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { fetchFile } from './fetch-file.ts';
import { inTemporaryDirectory } from './temporary-directory.ts';

/** A dataset that a query may read. */
export interface QueriedDataset {
  readonly files: DatasetFiles;
  readonly columns: readonly TableColumn[];
  /** In the paths of its files. */
  readonly partitionColumns: readonly TableColumn[];
  /** What restores a file that is gone. @param value of its partition */
  readonly remedy?: (value: string) => string;
}

/** What was fetched for a query. */
export interface ReadFiles {
  readonly partitions: number;
  readonly bytes: number;
}

interface PublishedTable extends QueriedDataset {
  /** Paths. */
  readonly partitions: readonly string[];
}

const DOWNLOADS_AT_ONCE = 8;

/**
 * Asks the engine one SELECT over the current generations of datasets. Only the files of partitions that it reads are fetched, to the
 * local disk, and removed after `use`.
 * @throws Terminal `QueryInvalid`
 */
export async function askDatasets<T>(
  sql: string,
  datasets: Readonly<Record<string, QueriedDataset>>,
  signal: AbortSignal,
  use: (answer: AsyncIterable<QueryRows>, read: ReadFiles) => Promise<T>,
): Promise<T> {
  const statement = sql.trim().replace(/;$/, '');
  return inTemporaryDirectory(async (directory) => {
    const engine = createDuckDbTableEngine();
    const tables = new Map<string, PublishedTable>();
    for (const [name, dataset] of Object.entries(datasets)) {
      const published = await publishedPartitions(dataset.files, signal);
      const columns = withEarlierColumns(
        dataset.columns,
        await publishedColumns(dataset.files, published, signal),
      );
      tables.set(name, { ...dataset, columns, partitions: [...published.keys()] });
    }
    const { found, read } = await fetchTables(engine, statement, tables, directory, signal);
    return await use(engine.query({ sql: statement, tables: found, directory }, { signal }), read);
  });
}

/** A dataset that is made of files. @param file its record module */
export async function queriedSource(
  definition: DatasetDefinition,
  files: DatasetFiles,
  file: string,
): Promise<QueriedDataset> {
  const { timezone } = definition.partition;
  const module = await RecordModule.load(await bundleModule(file), {
    ...{ file, timezone, limits: definition.limits },
  });
  const { columns } = dataColumns(definition, module.columns);
  await module.close();
  return { files, columns, partitionColumns: partitionTableColumns(definition.partition) };
}

/** Fetches the files of the partitions that the query reads. */
async function fetchTables(
  engine: TableEngine,
  sql: string,
  tables: ReadonlyMap<string, PublishedTable>,
  directory: string,
  signal: AbortSignal,
): Promise<{ found: Record<string, QueriedTable>; read: ReadFiles }> {
  const valuesOf = (partition: string) => partitionColumns(partition).map(({ value }) => value);
  const probes = Object.fromEntries(
    [...tables].map(([name, { columns, partitionColumns: own, partitions }]) => [
      name,
      { columns, partitionColumns: own, partitions: partitions.map(valuesOf) },
    ]),
  );
  const read = await engine.partitionsRead({ sql, tables: probes, directory }, { signal });
  const found: Record<string, QueriedTable> = {};
  let bytes = 0;
  let partitionsRead = 0;
  for (const [index, [name, table]] of [...tables].entries()) {
    const own: { values: readonly string[]; files: string[] }[] = [];
    const wanted = (read[name] ?? []).map((each) => table.partitions[each]!);
    await forEachLimited(
      wanted,
      DOWNLOADS_AT_ONCE,
      async (partition, each) => {
        const current = await currentPublished(table.files, partition, each);
        const place = join(directory, `${index}-${wanted.indexOf(partition)}`);
        await mkdir(place);
        const files = await fetchFiles(table, partition, current?.generation.files ?? [], place, each);
        own.push({ values: valuesOf(partition), files });
        bytes += (current?.generation.files ?? []).reduce((sum, file) => sum + file.bytes, 0);
        partitionsRead++;
      },
      signal,
    );
    const { columns, partitionColumns: partitionedBy } = table;
    found[name] = { columns, partitionColumns: partitionedBy, partitions: own };
  }
  return { found, read: { partitions: partitionsRead, bytes } };
}

async function fetchFiles(
  { files: { store }, remedy }: QueriedDataset,
  partition: string,
  remote: readonly WrittenFile[],
  directory: string,
  signal: AbortSignal,
): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, file] of remote.entries()) {
    const path = join(directory, `${index}.parquet`);
    await fetchFile(store, file, path, remedy?.(valueOfPath(partition)), signal);
    paths.push(path);
  }
  return paths;
}
