import { join } from 'node:path';
import { Terminal } from '../../../clients/errors.ts';
import type { TableQuery } from '../../../clients/table-engine.ts';
import { dataColumns } from '../../../modules/data-columns.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import type { BuildRecord, Pointer, PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { expectations, type GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { contentVersion } from '../../../pipeline/datasets/graph/input-versions.ts';
import { partitionsRead } from '../../../pipeline/datasets/graph/partition-rules.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import { inputPartitions } from '../../../pipeline/datasets/graph/plan-graph.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { partitionTableColumns } from '../../../pipeline/datasets/partitions/partition-columns.ts';
import { partitionColumns } from '../../../pipeline/datasets/partitions/partition-of.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import { publishedGeneration } from '../../../store/datasets/dataset-documents.ts';
import { download } from '../../../store/datasets/local-files.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { withModule } from '../record-modules.ts';
import { fetchedColumns } from './fetched-columns.ts';
import type { OpenGraph } from './open-graph.ts';

/** A partition that a step reads. */
export interface InputPartition {
  readonly dataset: string;
  readonly path: string;
  readonly pointer: Pointer;
  readonly isReference: boolean;
}

/**
 * The published partitions that a partition of a derived dataset reads.
 * @throws Terminal `InputMissing` if an expected one is not published
 */
export async function inputsOf(
  graph: OpenGraph,
  datasets: readonly GraphDataset[],
  { dataset, value, ms }: { readonly dataset: GraphDataset; readonly value: string; readonly ms: number },
  pointers: Pointers,
  signal: AbortSignal,
): Promise<InputPartition[]> {
  const expected = expectations(datasets, ms);
  const found: InputPartition[] = [];
  for (const { dataset: name, rule, isReference } of dataset.inputs) {
    const read = datasets.find((each) => each.name === name);
    const isRange = read?.unit !== undefined && rule.kind !== 'function';
    const named = isRange ? partitionsRead(rule, value, read.unit) : undefined;
    const range = named && { first: graph.pathOf(name, named.first), last: graph.pathOf(name, named.last) };
    const published = new Map(
      [...(await pointers.of(graph.filesOf(name), signal, range))].map(([path, pointer]) => [
        valueOfPath(path),
        pointer,
      ]),
    );
    for (const each of inputPartitions({ dataset: read, rule, value }, published, expected.get(name))) {
      const pointer = published.get(each);
      if (pointer === undefined)
        throw new Terminal(
          'InputMissing',
          `${dataset.name} ${value} reads ${name} ${each}, which is expected and not published.`,
        );
      found.push({ dataset: name, path: graph.pathOf(name, each), pointer, isReference });
    }
  }
  return found;
}

/** An input as it is recorded. */
export const recorded = ({
  dataset,
  path,
  pointer,
  isReference,
}: InputPartition): BuildRecord['inputs'][number] => ({
  ...{ dataset, partition: valueOfPath(path), isReference },
  ...{ generation: pointer.generation, id: pointer.id, version: contentVersion(pointer.content) },
  ...(pointer.built === undefined ? {} : { record: pointer.built.record }),
});

/** Fetches the files of all inputs to the local disk, as the tables of the step. */
export async function inputTables(
  deps: Pick<Dependencies, 'recordModules'>,
  graph: OpenGraph,
  {
    reads,
    inputs,
    directory,
  }: {
    readonly reads: readonly string[];
    readonly inputs: readonly InputPartition[];
    readonly directory: string;
  },
  signal: AbortSignal,
): Promise<TableQuery['tables']> {
  const tables: Record<string, TableQuery['tables'][string]> = {};
  let count = 0;
  for (const name of reads) {
    const files = graph.filesOf(name);
    const partitions = [];
    for (const { path, pointer } of inputs.filter(({ dataset }) => dataset === name)) {
      const paths: string[] = [];
      const { files: remote } = await generationOf(graph, { dataset: name, path, pointer }, signal);
      for (const file of remote) {
        const local = join(directory, `in-${count++}.parquet`);
        await download(files.store, file, local, signal);
        paths.push(local);
      }
      partitions.push({ values: partitionColumns(path).map(({ value }) => value), files: paths });
    }
    tables[name] = { ...(await columnsOf(deps, graph, name)), partitions };
  }
  return tables;
}

export async function generationOf(
  graph: OpenGraph,
  { dataset, path, pointer }: Pick<InputPartition, 'dataset' | 'path' | 'pointer'>,
  signal: AbortSignal,
): Promise<PublishedGeneration> {
  const document = publishedGeneration(graph.filesOf(dataset), path, pointer);
  const found = await findDocument(document, signal);
  if (found !== undefined) return found;
  throw new Terminal(
    'DamagedFile',
    `s3://${document.store.bucket}/${document.key} is missing, and the pointer of ${path} names it. ` +
      `Restore it from an earlier version of the object, or rebuild ${path} of ${dataset}.`,
  );
}

export interface InputColumns {
  readonly columns: readonly TableColumn[];
  readonly partitionColumns: readonly TableColumn[];
}

/** Loading a module takes a thread: its columns are found once per version. */
const ofModules = new Map<string, readonly TableColumn[]>();

export async function columnsOf(
  { recordModules }: Pick<Dependencies, 'recordModules'>,
  { sources, derived, fetched }: OpenGraph,
  name: string,
): Promise<InputColumns> {
  const step = derived[name];
  if (step !== undefined) {
    return { columns: declaredColumns(step), partitionColumns: partitionTableColumns(step.partition) };
  }
  const own = fetched[name];
  if (own !== undefined) {
    const columns = await fetchedColumns({ recordModules }, own);
    return { columns, partitionColumns: partitionTableColumns(own.partition) };
  }
  const source = sources[name];
  if (source === undefined) throw new Terminal('UnknownDataset', `There is no dataset ${name}.`);
  const code = await recordModules.codeOf(source);
  const known = `${name} ${code.version}`;
  const columns =
    ofModules.get(known) ??
    (await withModule(code, source, async (module) => dataColumns(source, module.columns).columns));
  ofModules.set(known, columns);
  return { columns, partitionColumns: partitionTableColumns(source.partition) };
}
