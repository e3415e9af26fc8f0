import { Terminal } from '../../../clients/errors.ts';
import { runRule } from '../../../modules/run-rule.ts';
import { isValue, valuesOf } from '../../../pipeline/datasets/graph/calendar.ts';
import {
  expectations,
  type GraphDataset,
  type GraphInput,
} from '../../../pipeline/datasets/graph/expectations.ts';
import type { GraphState } from '../../../pipeline/datasets/graph/plan-graph.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { usable } from '../record-modules.ts';

/** A plan records what rules named, so that building a partition does not evaluate them again. */
const MOST_NAMED = 1000;

/** What rules name depends on nothing but the partition: by bundle, then by partition. */
const evaluated = new Map<string, Map<string, readonly string[]>>();
/** Bundles of earlier versions of this worker's rules are of no use. */
const MOST_BUNDLES = 50;

/**
 * The datasets with what rules that are functions name, for all partitions that a plan may be about. A rule that fails is a fault of its
 * dataset.
 */
export async function withNamedPartitions(
  deps: Pick<Dependencies, 'recordModules'>,
  datasets: readonly GraphDataset[],
  { state, ms }: { readonly state: GraphState; readonly ms: number },
  signal: AbortSignal,
): Promise<GraphDataset[]> {
  const expected = expectations(datasets, ms);
  const found: GraphDataset[] = [];
  for (const dataset of datasets) {
    const { unit, name } = dataset;
    if (!isNaming(dataset)) {
      found.push(dataset);
      continue;
    }
    const range = expected.get(name)?.window;
    const partitions = [
      ...new Set([
        ...(state.get(name)?.keys() ?? []),
        ...(unit === undefined || range === undefined ? [] : valuesOf(unit, range)),
      ]),
    ];
    found.push(await orProblem(dataset, () => named(deps, dataset, { datasets, partitions }, signal)));
  }
  return found;
}

/** The same for these partitions. @throws Terminal `StepInvalid`, `ModuleUnusable` */
async function named(
  deps: Pick<Dependencies, 'recordModules'>,
  dataset: GraphDataset,
  {
    datasets,
    partitions,
  }: { readonly datasets: readonly GraphDataset[]; readonly partitions: readonly string[] },
  signal: AbortSignal,
): Promise<GraphDataset> {
  if (!isNaming(dataset)) return dataset;
  const inputs: GraphInput[] = [];
  for (const input of dataset.inputs) {
    const { rule } = input;
    const read = datasets.find(({ name }) => name === input.dataset);
    // Of an input by hour, days are named.
    const unit = read?.isHourly === true ? 'day' : read?.unit;
    if (rule.kind !== 'function' || unit === undefined) inputs.push(input);
    else {
      const all = await evaluate(deps, rule.path, partitions, signal);
      for (const [partition, values] of all) refuseOthers(rule.path, partition, values, unit);
      inputs.push({ ...input, rule: { ...rule, named: all } });
    }
  }
  return { ...dataset, inputs };
}

const isNaming = ({ inputs }: GraphDataset): boolean => inputs.some(({ rule }) => rule.kind === 'function');

/** A dataset with what its rules name for one partition: as a plan has recorded it, or evaluated now. */
export async function namedFor(
  deps: Pick<Dependencies, 'recordModules'>,
  dataset: GraphDataset,
  {
    datasets,
    value,
    reads,
  }: {
    readonly datasets: readonly GraphDataset[];
    readonly value: string;
    readonly reads: Readonly<Record<string, readonly string[]>> | undefined;
  },
  signal: AbortSignal,
): Promise<GraphDataset> {
  return reads === undefined
    ? named(deps, dataset, { datasets, partitions: [value] }, signal)
    : withRecorded(dataset, value, reads);
}

/** With what a plan has recorded. */
export const withRecorded = (
  dataset: GraphDataset,
  partition: string,
  reads: Readonly<Record<string, readonly string[]>>,
): GraphDataset => ({
  ...dataset,
  inputs: dataset.inputs.map((input) =>
    input.rule.kind === 'function'
      ? { ...input, rule: { ...input.rule, named: new Map([[partition, reads[input.dataset] ?? []]]) } }
      : input,
  ),
});

/** What a plan records of a partition; undefined if none of its rules is a function. */
export function recordedOf(
  { inputs }: GraphDataset,
  partition: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  const found = inputs.flatMap(({ dataset, rule }) =>
    rule.kind === 'function' ? [[dataset, rule.named.get(partition) ?? []] as const] : [],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

async function evaluate(
  { recordModules }: Pick<Dependencies, 'recordModules'>,
  path: string,
  partitions: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { bundle, file } = await recordModules.bundleOf(path);
  if (!evaluated.has(bundle) && evaluated.size >= MOST_BUNDLES) evaluated.clear();
  const known = evaluated.get(bundle) ?? new Map<string, readonly string[]>();
  evaluated.set(bundle, known);
  const missing = partitions.filter((partition) => !known.has(partition));
  if (missing.length > 0) {
    const answers = await usable(() => runRule({ code: bundle, file, partitions: missing }, signal));
    for (const [index, partition] of missing.entries())
      known.set(partition, [...new Set((answers[index] ?? []).map(String))].toSorted());
  }
  return new Map(partitions.map((partition) => [partition, known.get(partition) ?? []]));
}

function refuseOthers(
  path: string,
  partition: string,
  values: readonly string[],
  unit: NonNullable<GraphDataset['unit']>,
): void {
  const wrong = values.find((value) => !isValue(unit, value));
  const example = unit === 'day' ? 'days, e.g. 2026-11-01' : 'months, e.g. 2026-11';
  if (wrong !== undefined)
    throw new Terminal(
      'StepInvalid',
      `${path} named ${JSON.stringify(wrong)} for ${partition}: expected ${example}.`,
    );
  if (values.length > MOST_NAMED)
    throw new Terminal(
      'StepInvalid',
      `${path} named ${values.length} partitions for ${partition}, more than ${MOST_NAMED}. Use a named rule, such as last-N-days.`,
    );
}

async function orProblem(dataset: GraphDataset, find: () => Promise<GraphDataset>): Promise<GraphDataset> {
  if (dataset.problem !== undefined) return dataset;
  try {
    return await find();
  } catch (error) {
    if (error instanceof Terminal && ['StepInvalid', 'ModuleUnusable'].includes(error.code))
      return { ...dataset, problem: error.message };
    throw error;
  }
}
