import { Terminal } from '../../../clients/errors.ts';
import type { ExplainedPartition, ExplainPartitionInput } from '../../../contract/datasets/graph.ts';
import type { PublishedMember } from '../../../pipeline/datasets/derived/publication.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import {
  buildRecord,
  generation,
  pointer,
  publicationFile,
  publishedGeneration,
} from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { type OpenGraph, openGraph } from './open-graph.ts';

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
      `Generation ${found.generation} of ${dataset} ${partition} is not there any more.`,
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
  for (const each of record?.inputs ?? []) {
    const current = (await pointers.of(graph.filesOf(each.dataset), signal)).get(
      graph.pathOf(each.dataset, each.partition),
    );
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
  { dataset, partition, publication }: ExplainPartitionInput,
  signal: AbortSignal,
): Promise<Pick<PublishedMember, 'generation' | 'id' | 'record' | 'accepted'>> {
  if (publication === undefined) {
    const current = await findDocument(
      pointer(graph.filesOf(dataset), graph.pathOf(dataset, partition)),
      signal,
    );
    if (current === undefined) throw new Terminal('FileMissing', `${dataset} ${partition} is not published.`);
    return { generation: current.generation, id: current.id, record: current.built?.record ?? '' };
  }
  const { name, number } = publication;
  const first = (await deps.publications())[name]?.datasets[0];
  const document =
    first === undefined
      ? undefined
      : await findDocument(publicationFile(graph.filesOf(first), name, number), signal);
  const member = document?.members.find((each) => each.dataset === dataset && each.partition === partition);
  if (member === undefined)
    throw new Terminal('FileMissing', `Publication ${number} of ${name} has no ${dataset} ${partition}.`);
  return member;
}
