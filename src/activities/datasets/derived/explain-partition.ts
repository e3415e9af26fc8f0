import { Terminal } from '../../../clients/errors.ts';
import type { ExplainedPartition, ExplainPartitionInput } from '../../../contract/datasets/graph.ts';
import type { Pointer } from '../../../pipeline/datasets/documents.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import { buildRecord, generation, publishedGeneration } from '../../../store/datasets/dataset-documents.ts';
import {
  currentlyPublished,
  generationByName,
  type NamedGeneration,
  publishedGenerationIn,
} from '../../../store/datasets/find-generation.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { type OpenGraph, openGraph } from './open-graph.ts';
import { placesOf } from './pinned.ts';

type ExplainDependencies = Pick<
  Dependencies,
  'datasets' | 'derivedDatasets' | 'fetchedDatasets' | 'publications' | 'store'
>;

/**
 * What a partition was built from, as it is or as a publication has it.
 * @throws Terminal `UnknownDataset`, `FileMissing`
 */
export async function explainPartition(
  deps: ExplainDependencies,
  pointers: Pointers,
  input: ExplainPartitionInput,
  signal: AbortSignal,
): Promise<ExplainedPartition> {
  const { dataset, partition } = input;
  const graph = await openGraph(deps, [dataset]);
  const files = graph.filesOf(dataset);
  const path = graph.pathOf(dataset, partition);
  const found = await generationIn(deps, graph, input, signal);
  const document = await findDocument(publishedGeneration(files, path, found), signal);
  if (document === undefined)
    throw new Terminal(
      'FileMissing',
      `Generation ${found.generation} of ${dataset} ${partition} is not there any more: superseded ones stay for keepSuperseded, and ` +
        'those of publications for their keep.',
    );
  const common = {
    ...{ dataset, partition, generation: found.generation, id: found.id, rows: document.content.rows },
    ...(found.accepted === undefined ? {} : { accepted: found.accepted }),
  };
  if (graph.sources[dataset] !== undefined) {
    const source = await findDocument(generation(files, path, found), signal);
    return { ...common, files: source?.inputs.length ?? 0, inputs: [] };
  }
  const record = await findDocument(buildRecord(files, path, found.record), signal);
  const inputs: ExplainedPartition['inputs'][number][] = [];
  // Each is listed once: a report of a year reads hundreds of its partitions.
  const listed = new Map<string, Map<string, Pointer>>();
  for (const each of record?.inputs ?? []) {
    if (each.isTable === true) {
      const { dataset: name, partition: value, generation: number, id, isReference, version } = each;
      inputs.push({
        ...{ dataset: name, partition: value, generation: number, id, isReference },
        ...{ isSuperseded: false, version },
      });
      continue;
    }
    // A dataset that is not configured any more has no current partitions.
    const isKnown = graph.nodes.some(({ name }) => name === each.dataset);
    const published =
      listed.get(each.dataset) ??
      (isKnown ? await pointers.of(graph.filesOf(each.dataset), signal) : new Map<string, Pointer>());
    listed.set(each.dataset, published);
    const current = isKnown ? published.get(graph.pathOf(each.dataset, each.partition)) : undefined;
    const { dataset: name, partition: value, generation: number, id, isReference } = each;
    inputs.push({
      ...{ dataset: name, partition: value, generation: number, id, isReference },
      isSuperseded: current?.id !== id,
    });
  }
  return {
    ...common,
    ...(record === undefined
      ? {}
      : { builtAt: record.builtAt, code: record.code, warnings: record.warnings }),
    inputs,
  };
}

async function generationIn(
  deps: ExplainDependencies,
  graph: OpenGraph,
  { dataset, partition, publication, generation: text }: ExplainPartitionInput,
  signal: AbortSignal,
): Promise<NamedGeneration> {
  const sought = {
    ...{ dataset, partition },
    ...{ files: graph.filesOf(dataset), path: graph.pathOf(dataset, partition) },
  };
  if (text !== undefined) return generationByName(sought, text, signal);
  if (publication === undefined) return currentlyPublished(sought, signal);
  const groups = await deps.publications();
  const first = Object.hasOwn(groups, publication.name) ? groups[publication.name]?.datasets[0] : undefined;
  if (first === undefined)
    throw new Terminal(
      'BadInput',
      `The worker's configuration has no publication ${publication.name}${didYouMean(publication.name, Object.keys(groups))}.`,
    );
  return publishedGenerationIn(sought, publication, graph.filesOf(first), placesOf(graph), signal);
}
