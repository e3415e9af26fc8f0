import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import type { BuildRecord, PublishedGeneration } from '../../pipeline/datasets/documents.ts';
import { partitionColumns } from '../../pipeline/datasets/partitions/partition-of.ts';
import type { buildDatasetEvent, Dimensions } from '../../pipeline/lineage/build-dataset-event.ts';
import { type LineageName, redshiftTable, s3Prefix } from '../../pipeline/lineage/lineage-names.ts';
import {
  buildRecord,
  type DatasetFiles,
  pointer,
  publishedGeneration,
} from '../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../store/document.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { type OpenGraph, openGraph } from '../datasets/derived/open-graph.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** What an event says of a dataset's inputs and of its own rows. */
type Lineage = Pick<Parameters<typeof buildDatasetEvent>[1], 'inputs' | 'output'>;

/** With more, an event names none: it would seem that they are all. */
const [MOST_WRITTEN, MOST_READ] = [500, 2000];
const AT_ONCE = 16;

/**
 * What a dataset reads and has, as it is published now.
 * @param paths partitions that were published: their generations and records are read
 * @returns undefined if the configuration has no such dataset
 */
export async function readLineage(
  deps: Dependencies,
  dataset: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Lineage | undefined> {
  const graph = await openGraph(deps, []);
  if (!graph.nodes.some(({ name }) => name === dataset)) return undefined;
  const { region } = deps.alerts;
  const published = await publishedOf(graph.filesOf(dataset), paths, signal);
  return {
    inputs: inputsOf(graph, dataset, published, region),
    output: outputOf(nameOf(graph, dataset, region), published, paths),
  };
}

interface Published {
  readonly generation: PublishedGeneration;
  readonly inputs: BuildRecord['inputs'];
}

async function publishedOf(
  files: DatasetFiles,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Published[]> {
  const found: Published[] = [];
  await forEachLimited(
    paths,
    AT_ONCE,
    async (path, each) => {
      const current = await findDocument(pointer(files, path), each);
      if (current === undefined) return;
      const generation = await findDocument(publishedGeneration(files, path, current), each);
      const id = current.built?.record;
      const record = id === undefined ? undefined : await findDocument(buildRecord(files, path, id), each);
      if (generation !== undefined) found.push({ generation, inputs: record?.inputs ?? [] });
    },
    signal,
  );
  return found;
}

/** A table of Redshift has its address there; all others have theirs in S3. */
function nameOf(
  { sources, derived, fetched }: OpenGraph,
  dataset: string,
  region: string | undefined,
): LineageName {
  const step = derived[dataset];
  if (step?.warehouse !== undefined) return redshiftTable(step.warehouse, region);
  const { bucket, prefix } = (sources[dataset] ?? step ?? fetched[dataset])!.store;
  return s3Prefix(bucket, prefix);
}

function inputsOf(
  graph: OpenGraph,
  dataset: string,
  published: readonly Published[],
  region: string | undefined,
): Lineage['inputs'] {
  const source = graph.sources[dataset]?.source;
  if (source !== undefined) return [s3Prefix(source.bucket, source.prefix)];
  const step = graph.derived[dataset];
  if (step === undefined) return [];
  const read = Map.groupBy(
    published.flatMap(({ inputs }) => inputs),
    (input) => input.dataset,
  );
  const datasets = [...Object.keys(step.inputs), ...Object.keys(step.reference)].map((name) => ({
    ...nameOf(graph, name, region),
    ...among(
      [...new Set((read.get(name) ?? []).map(({ partition }) => partition))].map((value) =>
        graph.pathOf(name, value),
      ),
      MOST_READ,
    ),
  }));
  return [...datasets, ...tablesOf(step, region)];
}

const tablesOf = ({ warehouse, tables }: DerivedDefinition, region: string | undefined): LineageName[] =>
  warehouse === undefined
    ? []
    : Object.values(tables).map(({ schema, table }) =>
        redshiftTable({ ...warehouse, schema, table }, region),
      );

function outputOf(
  name: LineageName,
  published: readonly Published[],
  paths: readonly string[],
): Lineage['output'] {
  const [first] = published;
  if (first === undefined) return undefined;
  const files = published.flatMap(({ generation }) => generation.files);
  return {
    ...name,
    columns: first.generation.columns,
    rows: published.reduce((sum, { generation }) => sum + generation.content.rows, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    ...among(paths, MOST_WRITTEN),
  };
}

/** Partitions as OpenLineage names them, unless there are none, or too many, or the table has none. */
function among(paths: readonly string[], most: number): { readonly partitions?: readonly Dimensions[] } {
  const dimensions = paths.map((path) =>
    Object.fromEntries(partitionColumns(path).map(({ name, value }) => [name, value])),
  );
  const isKnown =
    paths.length > 0 && paths.length <= most && dimensions.every((each) => Object.keys(each).length > 0);
  return isKnown ? { partitions: dimensions.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) } : {};
}

const textOf = (dimensions: Dimensions) => JSON.stringify(dimensions);
