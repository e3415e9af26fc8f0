import type {
  GraphSelection,
  GraphTotals,
  PlanDatasetsResult,
  PlannedDataset,
  PlannedRound,
  PlanRoundInput,
  TroubledDataset,
  UnfinishedPartition,
} from '../../../contract/datasets/graph.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { missingOf, progressOf } from '../../../pipeline/datasets/graph/expected.ts';
import { withDownstream, withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import { differenceOf } from '../../../pipeline/datasets/graph/input-versions.ts';
import { textOfRule } from '../../../pipeline/datasets/graph/partition-rules.ts';
import {
  type GraphPlan,
  type GraphState,
  type PlannedPartition,
  partitionId,
  planGraph,
  readyOf,
} from '../../../pipeline/datasets/graph/plan-graph.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import { buildRecord, pointer } from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { withRecords, withTables } from '../redshift/warehouse-state.ts';
import { graphState } from './graph-state.ts';
import { graphDatasets, type OpenGraph, openGraph } from './open-graph.ts';

export const MOST_LISTED = 50;
const MOST_PLANNED = 500;
/** Of one dataset, in an alert. */
const MOST_NAMED = 5;

export type PlanDependencies = Pick<
  Dependencies,
  | 'datasets'
  | 'derivedDatasets'
  | 'fetchedDatasets'
  | 'store'
  | 'warehouse'
  | 'stepText'
  | 'tableEngine'
  | 'recordModules'
  | 'bucketMaintenance'
  | 'nowMs'
>;

/** The derived and fetched datasets that a selection builds, and all datasets that are part of the plan. */
export function scopeOf(
  { nodes, derived, fetched }: Pick<OpenGraph, 'nodes' | 'derived' | 'fetched'>,
  { datasets, only = false }: GraphSelection,
): { readonly built: ReadonlySet<string>; readonly seen: ReadonlySet<string> } {
  const named = datasets ?? nodes.map(({ name }) => name);
  const wanted = only ? named : [...withUpstream(nodes, named), ...withDownstream(nodes, named)];
  const built = new Set(
    wanted.filter((name) => Object.hasOwn(derived, name) || Object.hasOwn(fetched, name)),
  );
  return { built, seen: withUpstream(nodes, [...built, ...named]) };
}

/** The sources among the named datasets. A run of a derived dataset takes no files: its sources have runs of their own. */
export async function sourcesOfGraph(deps: PlanDependencies, selection: GraphSelection): Promise<string[]> {
  const graph = await openGraph(deps, selection.datasets ?? []);
  const named = selection.datasets ?? graph.nodes.map(({ name }) => name);
  return named.filter((name) => Object.hasOwn(graph.sources, name));
}

/** The derived and fetched datasets of a run that have a table in a catalogue. */
export async function cataloguesOfGraph(
  deps: PlanDependencies,
  selection: GraphSelection,
): Promise<string[]> {
  const graph = await openGraph(deps, selection.datasets ?? []);
  const { built } = scopeOf(graph, selection);
  return graph.nodes
    .map(({ name }) => name)
    .filter(
      (name) =>
        built.has(name) && (graph.derived[name] ?? graph.fetched[name])?.store.catalogue.kind === 'glue',
    );
}

interface Planned {
  readonly graph: OpenGraph;
  readonly datasets: readonly GraphDataset[];
  readonly state: GraphState;
  readonly plan: GraphPlan;
}

async function plan(
  deps: PlanDependencies,
  pointers: Pointers,
  input: Omit<PlanRoundInput, 'most'>,
  signal: AbortSignal,
): Promise<Planned> {
  const graph = await openGraph(deps, input.datasets ?? []);
  const { built, seen } = scopeOf(graph, input);
  const warehouses = { deps, graph, built, signal };
  const datasets = await withTables(warehouses, await graphDatasets(deps, graph, seen, signal));
  const state = await withRecords(warehouses, await graphState(graph, pointers, [...seen], signal));
  const { datasets: named = [...built], force = false, since, takenSources, failed, from, to, now } = input;
  return {
    ...{ graph, datasets, state },
    plan: planGraph(datasets, state, {
      ...{ ms: Date.parse(now), scope: built, from, to },
      ...{ since, force: force ? new Set(named) : undefined },
      takenSources: new Set(takenSources),
      failed: new Map(
        failed.map(({ dataset, partition, reason }) => [partitionId(dataset, partition), reason]),
      ),
    }),
  };
}

/** What is complete of these, with what they are made of, and what is not. */
export const currentPlan = (
  deps: PlanDependencies,
  pointers: Pointers,
  input: GraphSelection & { readonly now: string },
  signal: AbortSignal,
): Promise<Planned> => plan(deps, pointers, { ...input, takenSources: [], failed: [] }, signal);

/** What can be built now, and what else is not complete. */
export async function planRound(
  deps: PlanDependencies,
  pointers: Pointers,
  input: PlanRoundInput,
  signal: AbortSignal,
): Promise<PlannedRound> {
  const since = input.since ?? (await clockOf(deps, input, signal));
  const planned = await plan(deps, pointers, { ...input, since }, signal);
  const ready = readyOf(planned.plan, { limit: input.most, isReverse: input.reverse ?? false });
  const unfinished = planned.plan.partitions.filter(({ state }) => state !== 'ready').slice(0, MOST_LISTED);
  const explained = await withReasons(planned, ready, signal);
  return {
    ready: ready.map(({ dataset, value, isEmpty = false }, index) => ({
      ...{ dataset, partition: value, path: planned.graph.pathOf(dataset, value), isEmpty },
      reason: explained[index]?.reason ?? '',
    })),
    totals: totalsOf(planned.plan),
    unfinished: await withReasons(planned, unfinished, signal),
    ...{ troubles: troublesOf(planned.plan), seen: planned.datasets.map(({ name }) => name) },
    since,
    retrySeconds: retrySecondsOf(planned.graph, input.failed),
  };
}

/** The partitions that an operator must do something about, although nothing failed. */
function troublesOf({ partitions }: GraphPlan): TroubledDataset[] {
  const kinds = [
    { kind: 'missing', is: ({ isMissing }: PlannedPartition) => isMissing === true },
    { kind: 'held', is: ({ state }: PlannedPartition) => state === 'held' },
  ] as const;
  return kinds.flatMap(({ kind, is }) =>
    [...Map.groupBy(partitions.filter(is), ({ dataset }) => dataset)].map(([dataset, own]) => ({
      ...{ dataset, kind, total: own.length },
      partitions: own.slice(0, MOST_NAMED).map(({ value }) => value),
    })),
  );
}

const retrySecondsOf = (
  { derived, fetched }: OpenGraph,
  failed: PlanRoundInput['failed'],
): PlannedRound['retrySeconds'] =>
  Object.fromEntries(
    failed.flatMap(({ dataset }) => {
      const definition = derived[dataset] ?? fetched[dataset];
      return definition === undefined ? [] : [[dataset, definition.retryFor]];
    }),
  );

/** The time by S3's clock: that of publishing. */
async function clockOf(
  deps: PlanDependencies,
  selection: GraphSelection,
  signal: AbortSignal,
): Promise<string> {
  const graph = await openGraph(deps, selection.datasets ?? []);
  const [first] = graph.nodes;
  const time =
    first === undefined
      ? new Date(deps.nowMs())
      : await sharedTime(deps, graph.filesOf(first.name).store.bucket, { signal });
  return time.toISOString();
}

/** What a run would build and why, and how far each dataset is behind. */
export async function planDatasets(
  deps: PlanDependencies,
  pointers: Pointers,
  input: GraphSelection & { readonly now: string },
  signal: AbortSignal,
): Promise<PlanDatasetsResult> {
  const since = await clockOf(deps, input, signal);
  const planned = await plan(deps, pointers, { ...input, since, takenSources: [], failed: [] }, signal);
  const order = input.reverse === true ? planned.plan.partitions.toReversed() : planned.plan.partitions;
  return {
    totals: totalsOf(planned.plan),
    partitions: await withReasons(planned, order.slice(0, MOST_PLANNED), signal),
    datasets: planned.datasets.map((dataset) => picturedOf(planned, dataset)),
    progress: planned.datasets.flatMap(({ name, unit }) => {
      const { whole, window = whole } = planned.plan.expected.get(name) ?? {};
      if (unit === undefined || whole === undefined || window === undefined) return [];
      const there = planned.state.get(name);
      const missing = missingOf(unit, window, (value) => there?.has(value) === true);
      return [{ dataset: name, ...progressOf(unit, whole, missing) }];
    }),
  };
}

/** Of a dataset, how many partitions it has in each state, and which it has or is to have. */
function picturedOf(
  { plan: { partitions, complete, expected }, state }: Planned,
  { name, kind, unit, isWhole = false, inputs }: GraphDataset,
): PlannedDataset {
  const own = partitions.filter(({ dataset }) => dataset === name);
  const count = (wanted: PlannedPartition['state']) => own.filter((each) => each.state === wanted).length;
  const values = isWhole
    ? []
    : [...(state.get(name)?.keys() ?? []), ...own.map(({ value }) => value)].toSorted();
  const whole = expected.get(name)?.whole;
  return {
    ...{ name, kind },
    ...(unit === undefined ? {} : { unit }),
    reads: inputs.map(({ dataset, rule, isReference }) => ({ dataset, rule: textOfRule(rule), isReference })),
    counts: {
      ...{ complete: complete.get(name) ?? 0, ready: count('ready'), waits: count('waits') },
      ...{ blocked: count('blocked'), held: count('held'), failed: count('failed') },
    },
    ...given('first', [whole?.first, values[0]].filter((value) => value !== undefined).toSorted()[0]),
    ...given(
      'last',
      [whole?.last, values.at(-1)]
        .filter((value) => value !== undefined)
        .toSorted()
        .at(-1),
    ),
  };
}

const given = <Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });

function totalsOf({ partitions, complete }: GraphPlan): GraphTotals {
  const count = (state: PlannedPartition['state']) =>
    partitions.filter((each) => each.state === state).length;
  return {
    ...{ complete: [...complete.values()].reduce((sum, each) => sum + each, 0) },
    ...{ ready: count('ready'), waits: count('waits'), blocked: count('blocked') },
    ...{ held: count('held'), failed: count('failed') },
  };
}

/** The same as operators see them. Which inputs changed is in the record of what the partition was built from. */
export async function withReasons(
  { graph, state }: Planned,
  partitions: readonly PlannedPartition[],
  signal: AbortSignal,
): Promise<UnfinishedPartition[]> {
  const explained: UnfinishedPartition[] = [];
  for (const { dataset, value, state: planned, reason, changed } of partitions) {
    const there = state.get(dataset)?.get(value);
    const isExplained = changed !== undefined && there !== undefined && explained.length < MOST_LISTED;
    const difference = isExplained
      ? differenceOf(await builtFrom(graph, dataset, value, signal), changed)
      : '';
    explained.push({
      ...{ dataset, partition: value, state: planned },
      reason: difference === '' ? reason : difference,
    });
  }
  return explained;
}

async function builtFrom(graph: OpenGraph, dataset: string, value: string, signal: AbortSignal) {
  const files = graph.filesOf(dataset);
  const path = graph.pathOf(dataset, value);
  const id = (await findDocument(pointer(files, path), signal))?.built?.record;
  const record = id === undefined ? undefined : await findDocument(buildRecord(files, path, id), signal);
  return (record?.inputs ?? []).filter(({ isReference }) => !isReference);
}
