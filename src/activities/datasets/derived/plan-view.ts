import type {
  GraphTotals,
  PlannedDataset,
  TroubledDataset,
  UnfinishedPartition,
} from '../../../contract/datasets/graph.ts';
import { buildDurations } from '../../../pipeline/datasets/graph/build-durations.ts';
import { readOfTable } from '../../../pipeline/datasets/graph/dated-tables.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { differenceOf } from '../../../pipeline/datasets/graph/input-versions.ts';
import { textOfRule } from '../../../pipeline/datasets/graph/partition-rules.ts';
import {
  type GraphPlan,
  inputPartitions,
  type PartitionState,
  type PlannedPartition,
  partitionId,
} from '../../../pipeline/datasets/graph/plan-graph.ts';
import { buildRecord, pointer } from '../../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../../store/document.ts';
import type { OpenGraph } from './open-graph.ts';
import type { Planned } from './plan-round.ts';

/** A plan as operators see it. */

export const MOST_LISTED = 50;
/** Of one dataset, in an alert or a warning. */
const MOST_NAMED = 5;
/** Inputs of a partition that are named. */
const MOST_INPUTS = 20;

/** The partitions that an operator must do something about, although nothing failed. */
export function troublesOf({ partitions }: GraphPlan): TroubledDataset[] {
  const kinds = [
    { kind: 'missing', is: ({ isMissing }: PlannedPartition) => isMissing === true },
    { kind: 'held', is: ({ state }: PlannedPartition) => state === 'held' },
    { kind: 'invalid', is: ({ isInvalid }: PlannedPartition) => isInvalid === true },
    { kind: 'too many files', is: ({ hasTooManyFiles }: PlannedPartition) => hasTooManyFiles === true },
  ] as const;
  return kinds.flatMap(({ kind, is }) =>
    [...Map.groupBy(partitions.filter(is), ({ dataset }) => dataset)].map(([dataset, own]) => ({
      ...{ dataset, kind, total: own.length, reason: own[0]?.reason ?? '' },
      partitions: own.slice(0, MOST_NAMED).map(({ value }) => value),
    })),
  );
}

/** Of a dataset, how many partitions it has in each state, and which it has or is to have. */
export function picturedOf(
  { plan: { partitions, complete, expected }, state }: Planned,
  { name, kind, unit, isWhole = false, inputs, code }: GraphDataset,
): PlannedDataset {
  const own = partitions.filter(({ dataset }) => dataset === name);
  const count = (wanted: PlannedPartition['state']) => own.filter((each) => each.state === wanted).length;
  const whole = expected.get(name)?.whole;
  const published = state.get(name) ?? new Map<string, PartitionState>();
  const values = isWhole ? [] : [...published.keys(), ...own.map(({ value }) => value)].toSorted();
  const durations = buildDurations(published);
  const unstable = unstableOf(published, code);
  return {
    ...{ name, kind },
    ...(unit === undefined ? {} : { unit }),
    ...(durations === undefined ? {} : { durations }),
    ...(unstable.length === 0
      ? {}
      : { unstable: { partitions: unstable.slice(0, MOST_NAMED), total: unstable.length } }),
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

/** The partitions of which this version of the step has given other rows of the same inputs. */
const unstableOf = (published: ReadonlyMap<string, PartitionState>, code: string | undefined): string[] =>
  [...published]
    .filter(([, each]) => each.isUnstable === true && each.code === code)
    .map(([value]) => value)
    .toSorted();

const given = <Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });

export function totalsOf({ partitions, complete }: GraphPlan): GraphTotals {
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
  planned: Planned,
  partitions: readonly PlannedPartition[],
  signal: AbortSignal,
): Promise<UnfinishedPartition[]> {
  const { graph, state } = planned;
  const explained: UnfinishedPartition[] = [];
  for (const { dataset, value, state: current, reason, changed } of partitions) {
    const there = state.get(dataset)?.get(value);
    const isExplained = changed !== undefined && there !== undefined && explained.length < MOST_LISTED;
    const difference = isExplained
      ? differenceOf(await builtFrom(graph, dataset, value, signal), changed)
      : '';
    explained.push({
      ...{ dataset, partition: value, state: current },
      reason: difference === '' ? reason : difference,
      ...(current === 'failed' ? { inputs: readBy(planned, dataset, value).slice(0, MOST_INPUTS) } : {}),
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

/** What a partition reads, references included; of tables, those that make it stale. */
function readBy({ datasets, state, plan: { expected } }: Planned, dataset: string, value: string): string[] {
  const own = datasets.find(({ name }) => name === dataset);
  const { inputs = [], tables = [], datedTables = [] } = own ?? {};
  const read = inputs.flatMap(({ dataset: name, rule }) => {
    const read = datasets.find((each) => each.name === name);
    return inputPartitions(
      { dataset: read, rule, value },
      state.get(name) ?? new Map(),
      expected.get(name),
    ).map((each) => partitionId(name, each));
  });
  const ofTables = [...tables, ...datedTables.flatMap((table) => readOfTable(table, value))];
  return [...read, ...ofTables.map((each) => partitionId(each.dataset, each.partition))];
}
