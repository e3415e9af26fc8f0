import { Terminal } from '../../../clients/errors.ts';
import type { DerivedFile } from '../../../clients/table-engine.ts';
import type { BuildPartitionInput, BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { hasFormat } from '../../../pipeline/datasets/derived/derived-store.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import { isValue } from '../../../pipeline/datasets/graph/calendar.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import { WHOLE } from '../../../pipeline/datasets/partitions/partition-of.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { checksOf, partitionChecks } from '../partition-checks.ts';
import { inStepDirectory } from '../step-directory.ts';
import { deriveLines } from './derive-lines.ts';
import { inputsOf, inputTables, recorded } from './input-tables.ts';
import { judgedStep, type Step } from './judged-step.ts';
import { makeTexts } from './made-texts.ts';
import { namedFor } from './named-partitions.ts';
import { graphDatasets, type OpenGraph, openGraph } from './open-graph.ts';
import { currentPointer, inputsHash, type MadePartition, publishBuilt, tookSince } from './publish-built.ts';
import { keepCode, runFunction } from './run-function.ts';

export interface BuildContext {
  readonly deps: Dependencies;
  readonly pointers: Pointers;
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/**
 * Builds and publishes a partition of a derived dataset, unless it is complete. If it is published by another process meanwhile, it
 * is compared and, if it is still stale, built again.
 * @throws Terminal `StepInvalid`, `ModuleUnusable`, `StepFailed`, `InputMissing`, `PartitionChecksFailed`, `TooManyFiles`; those of the
 * engine
 */
export async function buildDerived(
  context: BuildContext,
  { dataset, partition, now, force = false, reads }: BuildPartitionInput,
): Promise<BuildPartitionResult> {
  const { deps, pointers, newId, signal } = context;
  const graph = await openGraph(deps, [dataset]);
  const definition = graph.derived[dataset] as DerivedDefinition;
  const value = partitionValue(graph, dataset, definition, partition);
  const step = await judgedStep(deps, dataset, definition, signal);
  const datasets = await graphDatasets(deps, graph, withUpstream(graph.nodes, [dataset]), signal);
  const planned = datasets.find(({ name }) => name === dataset) as GraphDataset;
  const own = await namedFor(deps, planned, { datasets, value, reads }, signal);
  const ms = now === undefined ? deps.nowMs() : Date.parse(now);
  const place = { deps, files: graph.filesOf(dataset), partition, ms, newId, signal };
  for (;;) {
    const current = await currentPointer(place);
    const inputs = await inputsOf(graph, datasets, { dataset: own, value, ms }, pointers, signal);
    const built = current?.value.built;
    const isCurrent = built?.code === step.version && built.inputs === inputsHash(inputs.map(recorded));
    if (current?.isWhole === true && isCurrent && !force) {
      const { generation, content } = current.value;
      return { partition, generation, rows: content.rows, isUnchanged: true };
    }
    const published = await inStepDirectory(async (directory) =>
      publishBuilt(
        place,
        current,
        await make(context, { graph, own, definition, step, value, ms, inputs, directory }),
      ),
    );
    if (published !== undefined) return published;
  }
}

/** @throws Terminal `BadInput` if the dataset has no such partition */
export function partitionValue(
  graph: OpenGraph,
  dataset: string,
  { partition: { column, unit } }: Pick<DerivedDefinition, 'partition'>,
  partition: string,
): string {
  const value = valueOfPath(partition);
  const isOne = unit === 'all' ? value === WHOLE : isValue(unit, value);
  if (isOne && graph.pathOf(dataset, value) === partition) return value;
  const example = unit === 'all' ? WHOLE : `${column}=${unit === 'day' ? '2026-11-01' : '2026-11'}`;
  throw new Terminal('BadInput', `${dataset} has no partition ${partition}: expected ${example}.`);
}

async function make(
  { deps, signal }: BuildContext,
  {
    graph,
    own,
    definition,
    step,
    value,
    ms,
    inputs,
    directory,
  }: {
    readonly graph: OpenGraph;
    readonly own: GraphDataset;
    readonly definition: DerivedDefinition;
    readonly step: Step;
    readonly value: string;
    readonly ms: number;
    readonly inputs: Awaited<ReturnType<typeof inputsOf>>;
    readonly directory: string;
  },
): Promise<MadePartition> {
  const beganMs = deps.nowMs();
  const reads = [...new Set(own.inputs.map(({ dataset }) => dataset))];
  const tables = await inputTables(deps, graph, { reads, inputs, directory }, signal);
  const columns = declaredColumns(definition);
  const id = `${own.name} ${value}`;
  const { timezone } = definition.partition;
  const checks = partitionChecks(await checksOf(deps, definition, Object.keys(definition.columns)), {
    ...{ id, value, timezone, ms },
  });
  const { path, content, failedChecks } = await ('sql' in step
    ? deps.tableEngine.derive(
        { sql: step.sql, tables, columns, directory, checks: checks.queries },
        { signal },
      )
    : runFunction(deps, { id, value, ms, step, definition, tables, directory }, signal).then((lines) =>
        deriveLines(deps, { path: lines, columns, directory, tables, checks: checks.queries }, signal),
      ));
  const warnings = checks.warningsOf(failedChecks);
  const forms = await asStored(deps, definition, { id, path, content, directory }, signal);
  if ('bundle' in step) await keepCode(graph.filesOf(own.name), step, signal);
  return {
    record: {
      ...{ code: step.version, inputs: inputs.map(recorded) },
      ...('sql' in step ? { sql: step.sql } : {}),
      warnings,
    },
    ...forms,
    took: tookSince(deps, beganMs),
  };
}

/** The rows of a partition in the forms in which its dataset is stored. @throws Terminal `TooManyFiles` */
export async function asStored(
  { tableEngine }: Pick<Dependencies, 'tableEngine'>,
  definition: DerivedDefinition,
  made: Pick<DerivedFile, 'content'> & {
    /** As messages name the partition. */
    readonly id: string;
    /** Its rows in Parquet; absent if there are none. */
    readonly path: string | undefined;
    readonly directory: string;
  },
  signal: AbortSignal,
): Promise<Omit<MadePartition, 'record'>> {
  const columns = declaredColumns(definition);
  const { columnsId, rows, sums } = made.content;
  const { id, path, directory } = made;
  const texts = await makeTexts(tableEngine, definition, { id, columns, path, rows, directory }, signal);
  const isTable = hasFormat(definition.store, 'parquet');
  return {
    columns,
    content: { columnsId, rows, sums: [...sums], ...(isTable ? {} : { text: texts?.sha256 }) },
    path: isTable ? path : undefined,
    texts,
  };
}
