import {
  type AcceptedMember,
  type GraphSelection,
  isAccepted,
  type PlanDatasetsResult,
  type PlannedRound,
  type PlanRoundInput,
  type ReadyPartition,
} from '../../../contract/datasets/graph.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { missingOf, progressOf } from '../../../pipeline/datasets/graph/expected.ts';
import { withDownstream, withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import {
  type GraphPlan,
  type GraphState,
  type PlannedPartition,
  partitionId,
  planGraph,
  readyOf,
} from '../../../pipeline/datasets/graph/plan-graph.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { withRecords, withTables } from '../redshift/warehouse-state.ts';
import { graphState } from './graph-state.ts';
import { keepPlan } from './keep-plan.ts';
import { recordedOf, withNamedPartitions } from './named-partitions.ts';
import { graphDatasets, type OpenGraph, openGraph } from './open-graph.ts';
import { MOST_LISTED, picturedOf, totalsOf, troublesOf, withReasons } from './plan-view.ts';

const MOST_PLANNED = 500;
const MOST_NAMES = 50_000;

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
  | 'checksFile'
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

export interface Planned {
  readonly graph: OpenGraph;
  readonly datasets: readonly GraphDataset[];
  readonly state: GraphState;
  readonly plan: GraphPlan;
}

async function plan(
  deps: PlanDependencies,
  pointers: Pointers,
  { isLater = false, ...input }: Omit<PlanRoundInput, 'most'> & { readonly isLater?: boolean },
  signal: AbortSignal,
): Promise<Planned> {
  const graph = await openGraph(deps, input.datasets ?? []);
  const { built, seen } = scopeOf(graph, input);
  const warehouses = { deps, graph, built, signal };
  const state = await withRecords(
    warehouses,
    await graphState(graph, pointers, { names: [...seen], isLater }, signal),
  );
  const at = { state, ms: Date.parse(input.now) };
  const datasets = await withNamedPartitions(
    deps,
    await withTables(warehouses, await graphDatasets(deps, graph, seen, signal), at),
    at,
    signal,
  );
  const { datasets: named = [...built], force = false, since, takenSources, failed, from, to, now } = input;
  const { accepted = [] } = input;
  return {
    ...{ graph, datasets, state },
    plan: planGraph(datasets, state, {
      ...{ ms: Date.parse(now), scope: built, from, to },
      ...{ since, force: force ? new Set(named) : undefined },
      takenSources: new Set(takenSources),
      failed: new Map(
        failed.map(({ dataset, partition, reason }) => [partitionId(dataset, partition), reason]),
      ),
      accepted: (dataset, partition) =>
        accepted.find((member) => isAccepted(member, { dataset, partition }))?.reason,
    }),
  };
}

/** What is complete of these, with what they are made of, and what is not. */
export const currentPlan = (
  deps: PlanDependencies,
  pointers: Pointers,
  input: GraphSelection & Pick<PlanRoundInput, 'now' | 'accepted'>,
  signal: AbortSignal,
): Promise<Planned> => plan(deps, pointers, { ...input, takenSources: [], failed: [] }, signal);

interface Call {
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/** What can be built now, and what else is not complete. */
export async function planRound(
  deps: PlanDependencies,
  pointers: Pointers,
  input: PlanRoundInput,
  { newId, signal }: Call,
): Promise<PlannedRound> {
  const since = input.since ?? (await clockOf(deps, input, signal));
  const isLater = input.since !== undefined;
  const accepted = acceptedOf(input);
  const planned = await plan(deps, pointers, { ...input, since, isLater, accepted }, signal);
  const isKept = !isLater && planned.plan.partitions.length > 0;
  const kept = isKept
    ? await keepPlan(planned.graph, planned.plan, {
        ...{ plannedAt: since, now: input.now, id: newId(), selection: input, signal },
      })
    : undefined;
  const ready = withinBound(
    planned,
    readyOf(planned.plan, { limit: input.most, isReverse: input.reverse ?? false }),
  );
  const unfinished = planned.plan.partitions.filter(({ state }) => state !== 'ready').slice(0, MOST_LISTED);
  const explained = await withReasons(planned, ready, signal);
  return {
    ready: ready.map(({ dataset, value, isEmpty = false }, index) => ({
      ...{ dataset, partition: value, path: planned.graph.pathOf(dataset, value), isEmpty },
      reason: explained[index]?.reason ?? '',
      ...readsOf(planned, dataset, value),
    })),
    totals: totalsOf(planned.plan),
    unfinished: await withReasons(planned, unfinished, signal),
    ...{ troubles: troublesOf(planned.plan), seen: planned.datasets.map(({ name }) => name) },
    neverBuilt: input.failed
      .filter(({ dataset, partition }) => planned.state.get(dataset)?.has(partition) !== true)
      .map(({ dataset, partition }) => ({ dataset, partition })),
    since,
    retrySeconds: retrySecondsOf(planned.graph, input.failed),
    ...(kept === undefined ? {} : { plan: kept }),
  };
}

/** An operator accepts what failed: other partitions of that dataset are built. */
const acceptedOf = ({ accepted = [], failed }: PlanRoundInput): readonly AcceptedMember[] =>
  failed.flatMap((each) => {
    const member = accepted.find((one) => isAccepted(one, each));
    return member === undefined ? [] : [{ ...member, partition: each.partition }];
  });

/** What rules that are functions named, as the plan records it. */
function readsOf({ datasets }: Planned, dataset: string, value: string): Pick<ReadyPartition, 'reads'> {
  const own = datasets.find(({ name }) => name === dataset);
  const reads = own === undefined ? undefined : recordedOf(own, value);
  return reads === undefined ? {} : { reads };
}

/** As many of them as a round may name partitions for: it is one message. */
function withinBound(planned: Planned, ready: readonly PlannedPartition[]): readonly PlannedPartition[] {
  let names = 0;
  const end = ready.findIndex(({ dataset, value }) => {
    const { reads = {} } = readsOf(planned, dataset, value);
    names += Object.values(reads).reduce((sum, each) => sum + each.length, 0);
    return names > MOST_NAMES;
  });
  return end < 0 ? ready : ready.slice(0, Math.max(1, end));
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
  { newId, signal }: Call,
): Promise<PlanDatasetsResult> {
  const since = await clockOf(deps, input, signal);
  const planned = await plan(deps, pointers, { ...input, since, takenSources: [], failed: [] }, signal);
  const isLong = planned.plan.partitions.length > MOST_PLANNED;
  const kept = isLong
    ? await keepPlan(planned.graph, planned.plan, {
        ...{ plannedAt: since, now: input.now, id: newId(), selection: input, signal },
      })
    : undefined;
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
    ...(kept === undefined ? {} : { plan: kept }),
  };
}
