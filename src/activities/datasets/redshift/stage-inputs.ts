import { copiedFileKey, copyManifestKey } from '../../../pipeline/datasets/dataset-directory.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import type { WrittenFile } from '../../../pipeline/datasets/documents.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import { partitionColumns } from '../../../pipeline/datasets/partitions/partition-of.ts';
import { isRewritten } from '../../../pipeline/datasets/redshift/redshift-type.ts';
import {
  emptyInput,
  filesInput,
  type StagedFiles,
  tableInput,
} from '../../../pipeline/datasets/redshift/staged-input.ts';
import { partitionValue, type StepInput } from '../../../pipeline/datasets/redshift/step-transaction.ts';
import { copyManifestBody } from '../../../pipeline/load/copy-statement.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { JSON_FILE } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { columnsOf, generationOf, type InputColumns, type InputPartition } from '../derived/input-tables.ts';
import type { OpenGraph } from '../derived/open-graph.ts';
import { isSameDatabase } from './open-warehouse.ts';
import { rewriteFiles } from './rewrite-files.ts';

interface Reading {
  readonly deps: Pick<Dependencies, 'recordModules' | 'store' | 'tableEngine'>;
  readonly graph: OpenGraph;
  readonly definition: DerivedDefinition;
  /** The datasets that the step reads. */
  readonly reads: readonly string[];
  readonly signal: AbortSignal;
}

/** The inputs without rows: the names and types that the step sees. */
export async function emptyInputs({ deps, graph, reads }: Reading): Promise<StepInput[]> {
  const shapes = await shapesOf(deps, graph, reads);
  return shapes.map(emptyInput);
}

async function shapesOf(
  deps: Reading['deps'],
  graph: OpenGraph,
  reads: readonly string[],
): Promise<(InputColumns & { readonly name: string })[]> {
  const shapes = [];
  for (const name of reads) shapes.push({ name, ...(await columnsOf(deps, graph, name)) });
  return shapes;
}

/**
 * The inputs of a partition. What has a table in the same database is read there; of others, the files are copied, by manifests that
 * are written here.
 * @returns the keys of what was written, too
 */
export async function stagedInputs(
  { deps, graph, definition, reads, signal }: Reading,
  inputs: readonly InputPartition[],
  to: { readonly files: DatasetFiles; readonly id: string },
): Promise<{ readonly inputs: StepInput[]; readonly written: string[] }> {
  const { warehouse } = definition;
  const staged: StepInput[] = [];
  const written: string[] = [];
  const next = (keyOf: typeof copyManifestKey) => {
    const key = keyOf(to.files.at, to.id, written.length);
    written.push(key);
    return key;
  };
  if (warehouse === undefined) return { inputs: staged, written };
  for (const [index, shape] of (await shapesOf(deps, graph, reads)).entries()) {
    const partitions = inputs.filter(({ dataset }) => dataset === shape.name);
    const other = graph.derived[shape.name];
    if (other?.warehouse !== undefined && isSameDatabase(other.warehouse, warehouse)) {
      staged.push(tableInput(shape, other.warehouse, partitions.map(asBuilt(other))));
      continue;
    }
    const groups: StagedFiles[] = [];
    for (const partition of partitions) {
      const { files } = await generationOf(graph, partition, signal);
      const source = graph.filesOf(shape.name);
      for (const [columns, same] of await byColumns(graph, source, shape, files, signal)) {
        const found = columns.flatMap((name) => shape.columns.find((column) => column.name === name) ?? []);
        const again = isRewritten(found)
          ? await rewriteFiles(
              deps,
              {
                ...{ source: source.store, columns: found, files: same, to: to.files.store },
                keyOf: () => next(copiedFileKey),
              },
              signal,
            )
          : undefined;
        // Without rows, there is nothing to copy.
        if (again?.length === 0) continue;
        const key = next(copyManifestKey);
        const body =
          again === undefined
            ? copyManifestBody(source.store.bucket, same)
            : copyManifestBody(to.files.store.bucket, again);
        await to.files.store.put(key, body, { signal, ...JSON_FILE });
        groups.push({
          values: partitionColumns(partition.path).map(({ value }) => value),
          columns,
          manifest: `s3://${to.files.store.bucket}/${key}`,
        });
      }
    }
    staged.push(filesInput(index, shape, groups, warehouse.iamRole));
  }
  return { inputs: staged, written };
}

const asBuilt =
  ({ partition: own }: DerivedDefinition) =>
  ({ path, pointer }: InputPartition) => {
    const partition = valueOfPath(path);
    return { partition, value: partitionValue(own, partition), id: pointer.built?.record ?? '' };
  };

/** Files by the columns that they have: those of a source that were written before a column was added lack it. */
async function byColumns(
  graph: OpenGraph,
  { store }: DatasetFiles,
  { name, columns }: InputColumns & { readonly name: string },
  files: readonly WrittenFile[],
  signal: AbortSignal,
): Promise<(readonly [columns: readonly string[], files: readonly WrittenFile[]])[]> {
  const all = columns.map((column) => column.name);
  if (graph.sources[name] === undefined) return files.length === 0 ? [] : [[all, files]];
  const { parquetColumns } = await import('../../../store/loader/parquet-footer.ts');
  const groups = new Map<string, { readonly columns: readonly string[]; readonly files: WrittenFile[] }>();
  for (const file of files) {
    const found = (await parquetColumns(store, file, signal)).map((column) => column.name);
    const group = groups.get(found.join()) ?? { columns: found, files: [] };
    group.files.push(file);
    groups.set(found.join(), group);
  }
  return [...groups.values()].map((group) => [group.columns, group.files] as const);
}
