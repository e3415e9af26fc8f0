import { join } from 'node:path';
import { createDuckDbTableEngine } from '../../../clients/duckdb/duckdb-table-engine.ts';
import type { QueriedTable } from '../../../clients/table-engine.ts';
import type { BuildRecord, PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { partitionTableColumns } from '../../../pipeline/datasets/partitions/partition-columns.ts';
import { partitionColumns } from '../../../pipeline/datasets/partitions/partition-of.ts';
import { typeOfText } from '../../../pipeline/datasets/records/type-of-text.ts';
import { buildRecord } from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { fetchFile } from '../fetch-file.ts';
import { catalogueColumns } from '../show-catalogue.ts';
import { inTemporaryDirectory } from '../temporary-directory.ts';
import {
  generationHere,
  namedGeneration,
  type PartitionHere,
  partitionHere,
  type WhichGeneration,
} from './generation-here.ts';

/**
 * Runs the recorded step again, on this machine, over the recorded generations of its inputs.
 * @returns whether it gives the rows that the generation has
 * @throws CommandError if it cannot be run: no SQL was recorded, or an input is not there any more
 */
export async function recompute(
  dataset: string,
  value: string,
  { config, ...which }: WhichGeneration & { readonly config?: string | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  return inTemporaryDirectory(async (directory) => {
    const partition = await partitionHere(dataset, value, config, signal);
    const named = await namedGeneration(partition, which);
    const { content, columns } = await generationHere(partition, {
      generation: `${named.generation}-${named.id}`,
    });
    const record = await findDocument(buildRecord(partition.files, partition.path, named.record), signal);
    if (record?.engine === 'redshift') throw new CommandError(ExitCode.failed, inRedshift(partition, record));
    if (record?.sql === undefined)
      throw new CommandError(
        ExitCode.failed,
        `${dataset} ${value} cannot be recomputed here: only steps in SQL can, and their inputs one by one.`,
      );
    const found = await createDuckDbTableEngine().derive(
      {
        sql: record.sql,
        tables: await recordedTables(partition, record, config, directory, signal),
        columns: typed(columns),
        directory,
      },
      { signal },
    );
    return found.content.rows === content.rows && found.content.sums.join() === content.sums.join();
  });
}

/** Why a step in Redshift is not recomputed here, and what can be. */
function inRedshift({ dataset, value }: PartitionHere, { inputs }: BuildRecord): string {
  const why = `${dataset} ${value} is not recomputed here: its step runs in Redshift`;
  const tables = [...new Set(inputs.filter(({ isTable }) => isTable).map((input) => input.dataset))];
  return tables.length > 0
    ? `${why}, and reads ${tables.join(', ')}, of which the warehouse keeps no earlier rows. Recompute its other inputs, one by one.`
    : `${why}. Recompute its inputs, one by one.`;
}

async function recordedTables(
  { definition }: PartitionHere,
  { inputs }: BuildRecord,
  config: string | undefined,
  directory: string,
  signal: AbortSignal,
): Promise<Record<string, QueriedTable>> {
  const tables: Record<string, QueriedTable> = {};
  let files = 0;
  for (const [dataset, own] of Map.groupBy(inputs, (input) => input.dataset)) {
    const partitions: QueriedTable['partitions'][number][] = [];
    let last: { readonly here: PartitionHere; readonly generation: PublishedGeneration } | undefined;
    for (const { partition, generation: number, id } of own) {
      const here = await partitionHere(dataset, partition, config, signal);
      const generation = await generationHere(here, { generation: `${number}-${id}` });
      const paths: string[] = [];
      for (const file of generation.files) {
        const path = join(directory, `in-${files++}.parquet`);
        await fetchFile(here.files.store, file, path, undefined, signal);
        paths.push(path);
      }
      const values =
        here.definition.partition.unit === 'all' ? [] : partitionColumns(here.path).map((each) => each.value);
      partitions.push({ values, files: paths });
      last = { here, generation };
    }
    if (last === undefined) continue;
    tables[dataset] = {
      columns: typed(last.generation.columns),
      partitionColumns: partitionTableColumns(last.here.definition.partition),
      partitions,
    };
  }
  const { inputs: read = {}, reference = {} } = 'inputs' in definition ? definition : {};
  for (const name of [...Object.keys(read), ...Object.keys(reference)])
    tables[name] ??= await emptyTable(name, config, signal);
  return tables;
}

/** An input that had no partitions. */
async function emptyTable(
  name: string,
  config: string | undefined,
  signal: AbortSignal,
): Promise<QueriedTable> {
  const { definition } = await partitionHere(name, '', config, signal);
  const ofPartition = partitionTableColumns(definition.partition);
  const isOfPartition = (column: string) => ofPartition.some((each) => each.name === column);
  const columns = (await catalogueColumns(name, definition, config)).filter(
    (each) => !isOfPartition(each.name),
  );
  return { columns, partitionColumns: ofPartition, partitions: [] };
}

const typed = (columns: PublishedGeneration['columns']): TableColumn[] =>
  columns.map(({ name, type }) => ({ name, type: typeOfText(type) }));
