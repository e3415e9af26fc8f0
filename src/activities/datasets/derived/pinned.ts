import {
  keptPublications,
  type ListedPublication,
} from '../../../pipeline/datasets/derived/kept-publications.ts';
import type { PublicationDefinition } from '../../../pipeline/datasets/derived/publication.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import {
  type BuiltGeneration,
  type ClosurePlace,
  closureOf,
  type Pins,
  pinsOf,
} from '../../../store/datasets/closure.ts';
import { type DatasetFiles, publicationFile } from '../../../store/datasets/dataset-documents.ts';
import { listPublications } from '../../../store/datasets/publications.ts';
import { publishedPartitions } from '../../../store/datasets/published-partitions.ts';
import { findDocument } from '../../../store/document.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { type OpenGraph, openGraph } from './open-graph.ts';

type PinDependencies = Pick<
  Dependencies,
  'datasets' | 'derivedDatasets' | 'fetchedDatasets' | 'publications' | 'store'
>;

const READS_AT_ONCE = 16;

/** How long a group keeps what it was built from that is not configured any more, if its publications do not say it. */
const KEEP_SECONDS = 7 * 365 * 86_400;

/** What publications pin, found once and only if it is needed. */
export class PinnedGenerations {
  readonly #deps: PinDependencies;
  readonly #nowMs: number;
  #found: Promise<{ readonly graph: OpenGraph; readonly closure: readonly BuiltGeneration[] }> | undefined;

  constructor(deps: PinDependencies, nowMs: number) {
    this.#deps = deps;
    this.#nowMs = nowMs;
  }

  /** What must stay of a dataset. */
  async of(dataset: string, signal: AbortSignal): Promise<Pins> {
    this.#found ??= pinnedClosure(this.#deps, this.#nowMs, signal);
    const { graph, closure } = await this.#found;
    return pinsOf(dataset, closure, (value) => graph.pathOf(dataset, value));
  }
}

/** All that kept publications, and the members of configured ones as they are now, were built from. */
async function pinnedClosure(deps: PinDependencies, nowMs: number, signal: AbortSignal) {
  const graph = await openGraph(deps, []);
  const groups = await deps.publications();
  const seeds: BuiltGeneration[] = [];
  for (const { name } of graph.nodes)
    for (const member of await keptMembers(graph.filesOf(name), groups, nowMs, signal)) seeds.push(member);
  // The next publication names these.
  for (const name of new Set(Object.values(groups).flatMap(({ datasets }) => datasets)))
    for (const [path, { generation, id, built }] of await publishedPartitions(graph.filesOf(name), signal))
      seeds.push({
        dataset: name,
        partition: valueOfPath(path),
        generation,
        id,
        record: built?.record ?? '',
      });
  return { graph, closure: await closureOf(seeds, placesOf(graph), signal) };
}

/** The members of the publications whose documents are beside a dataset. */
async function keptMembers(
  files: DatasetFiles,
  groups: Readonly<Record<string, PublicationDefinition>>,
  nowMs: number,
  signal: AbortSignal,
): Promise<BuiltGeneration[]> {
  const found: BuiltGeneration[] = [];
  for (const [name, listed] of await listPublications(files, signal)) {
    const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
    const keepMs = (group?.keep ?? (await recordedKeep(files, name, listed, signal))) * 1000;
    const kept = keptPublications(listed, { keepMs, nowMs, isCurrent: group !== undefined });
    const members = new Map<string, BuiltGeneration>();
    await forEachLimited(
      kept,
      READS_AT_ONCE,
      async (number, each) => {
        const publication = await findDocument(publicationFile(files, name, number), each);
        // Most members are those of the publication before.
        for (const { dataset, partition, generation, id, record } of publication?.members ?? [])
          members.set([dataset, partition, id, record].join(' '), {
            dataset,
            partition,
            generation,
            id,
            record,
          });
      },
      signal,
    );
    for (const member of members.values()) found.push(member);
  }
  return found;
}

async function recordedKeep(
  files: DatasetFiles,
  name: string,
  listed: readonly ListedPublication[],
  signal: AbortSignal,
): Promise<number> {
  const last = listed.reduce((latest, { number }) => Math.max(latest, number), 0);
  return (await findDocument(publicationFile(files, name, last), signal))?.keepSeconds ?? KEEP_SECONDS;
}

/** Where the datasets of a graph are. */
export const placesOf =
  (graph: OpenGraph) =>
  (dataset: string): ClosurePlace | undefined =>
    graph.nodes.some(({ name }) => name === dataset)
      ? {
          files: graph.filesOf(dataset),
          pathOf: (value) => graph.pathOf(dataset, value),
          isSource: Object.hasOwn(graph.sources, dataset),
        }
      : undefined;
