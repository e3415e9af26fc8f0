import { Terminal } from '../../../clients/errors.ts';
import type { DatasetDefinition } from '../../../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../../../pipeline/datasets/derived/fetched-definition.ts';
import type { GraphDataset, GraphInput } from '../../../pipeline/datasets/graph/expectations.ts';
import { spanOf } from '../../../pipeline/datasets/graph/expected.ts';
import { graphOrder, type Node } from '../../../pipeline/datasets/graph/graph-order.ts';
import { type Rule, ruleOf } from '../../../pipeline/datasets/graph/partition-rules.ts';
import { pathOfValue } from '../../../pipeline/datasets/graph/partition-values.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import { approval, type DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { judgedStep, type Step, type StepDependencies } from './judged-step.ts';

/** The datasets of the worker's configuration, as a graph. */
export interface OpenGraph {
  /** Each after all that it reads. */
  readonly nodes: readonly Node[];
  readonly sources: Readonly<Record<string, DatasetDefinition>>;
  readonly derived: Readonly<Record<string, DerivedDefinition>>;
  readonly fetched: Readonly<Record<string, FetchedDefinition>>;
  /** The first dataset of the configuration: what concerns all of them is beside it. */
  readonly first: string;
  filesOf(dataset: string): DatasetFiles;
  /** The path of a partition by its day or month. */
  pathOf(dataset: string, value: string): string;
}

/** @throws Terminal `UnknownDataset` if one of these is not in the configuration */
export async function openGraph(
  deps: Pick<Dependencies, 'datasets' | 'derivedDatasets' | 'fetchedDatasets' | 'store'>,
  names: readonly string[],
): Promise<OpenGraph> {
  const sources = await deps.datasets();
  const derived = await deps.derivedDatasets();
  const fetched = await deps.fetchedDatasets();
  const known = [...Object.keys(sources), ...Object.keys(derived), ...Object.keys(fetched)];
  for (const name of names)
    if (!known.includes(name))
      throw new Terminal(
        'UnknownDataset',
        `The worker's configuration has no dataset ${name}${didYouMean(name, known)}.`,
      );
  const reads = (name: string) => {
    const { inputs = {}, reference = {} } = derived[name] ?? {};
    return [...Object.keys(inputs), ...Object.keys(reference)];
  };
  const nodes = known.map((name) => ({ name, reads: reads(name) }));
  const sorted = graphOrder(nodes);
  const order = 'order' in sorted ? sorted.order : known;
  const definitionOf = (name: string) =>
    (sources[name] ?? derived[name] ?? fetched[name]) as
      | DatasetDefinition
      | DerivedDefinition
      | FetchedDefinition;
  return {
    nodes: order.map((name) => ({ name, reads: reads(name) })),
    sources,
    ...{ derived, fetched, first: known[0] ?? '' },
    filesOf: (name) => {
      const { store } = definitionOf(name);
      return { store: deps.store(store.bucket), at: { prefix: store.prefix } };
    },
    pathOf: (name, value) => pathOfValue(definitionOf(name).partition, value),
  };
}

/** The datasets as the plan sees them: these, and all that they read. */
export async function graphDatasets(
  deps: StepDependencies,
  graph: OpenGraph,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<GraphDataset[]> {
  const datasets: GraphDataset[] = [];
  for (const { name } of graph.nodes.filter((node) => names.has(node.name))) {
    const source = graph.sources[name];
    const derived = graph.derived[name];
    const fetched = graph.fetched[name];
    if (source !== undefined) datasets.push(sourceDataset(name, source));
    else if (fetched !== undefined) datasets.push(fetchedDataset(name, fetched));
    else if (derived !== undefined) {
      const step = await stepOrProblem(() => judgedStep(deps, name, derived, signal));
      const approved = await findDocument(approval(graph.filesOf(name)), signal);
      datasets.push(derivedDataset(name, derived, step, approved?.code));
    }
  }
  return datasets;
}

/** What one partition is, for the plan. */
const unitOf = ({
  unit,
}: {
  readonly unit: 'day' | 'hour' | 'month' | 'all';
}): Pick<GraphDataset, 'unit' | 'isWhole' | 'isHourly'> =>
  unit === 'all' ? { isWhole: true } : unit === 'hour' ? { isHourly: true } : { unit };

function sourceDataset(name: string, { partition, expect }: DatasetDefinition): GraphDataset {
  return {
    ...{ name, kind: 'source', ...unitOf(partition), timezone: partition.timezone, inputs: [] },
    expect,
  };
}

const fetchedDataset = (name: string, { partition, expect, recompute }: FetchedDefinition): GraphDataset => ({
  ...{ name, kind: 'fetched', ...unitOf(partition), timezone: partition.timezone, expect, inputs: [] },
  recompute: recompute === undefined ? 0 : spanOf(recompute.last),
});

const derivedDataset = (
  name: string,
  { partition, inputs, reference, expect, when, maxRebuild, store }: DerivedDefinition,
  step: Pick<Step, 'version'> | { readonly problem: string },
  approved: string | undefined,
): GraphDataset => ({
  ...{
    name,
    kind: 'derived',
    ...unitOf(partition),
    timezone: partition.timezone,
    expect,
    maxRebuild,
    approved,
  },
  isClosedOnly: when === 'closed',
  ...(store.filePer === undefined ? {} : { textsPer: { column: store.filePer, maxFiles: store.maxFiles } }),
  ...('problem' in step ? { problem: step.problem } : { code: step.version }),
  inputs: [...inputsOf(inputs, false), ...inputsOf(reference, true)],
});

/** A step that cannot run is a fault of its dataset: others are built. */
async function stepOrProblem(find: () => Promise<Step>): Promise<Step | { readonly problem: string }> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Terminal && ['StepInvalid', 'ModuleUnusable'].includes(error.code))
      return { problem: error.message };
    throw error;
  }
}

const inputsOf = (rules: DerivedDefinition['inputs'], isReference: boolean): GraphInput[] =>
  Object.entries(rules).map(([dataset, rule]) => ({
    ...{ dataset, isReference },
    rule:
      typeof rule === 'string'
        ? (ruleOf(rule) as Rule)
        : { kind: 'function', path: rule.rule, named: new Map() },
  }));
