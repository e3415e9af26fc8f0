import { Terminal } from '../../../clients/errors.ts';
import type { BuildPartitionInput, BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import type { BuildRecord } from '../../../pipeline/datasets/documents.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import { partitionTableColumns } from '../../../pipeline/datasets/partitions/partition-columns.ts';
import type { PartitionRecord } from '../../../pipeline/datasets/redshift/partition-records.ts';
import { versionedInput } from '../../../pipeline/datasets/redshift/table-version.ts';
import { claim } from '../../../store/claim.ts';
import { buildRecord } from '../../../store/datasets/dataset-documents.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { type BuildContext, partitionValue } from '../derived/build-derived.ts';
import { inputsOf, recorded } from '../derived/input-tables.ts';
import { judgedStep, type SqlStep } from '../derived/judged-step.ts';
import { namedFor } from '../derived/named-partitions.ts';
import { graphDatasets, openGraph } from '../derived/open-graph.ts';
import { currentPointer, inputsHash } from '../derived/publish-built.ts';
import { checksOf } from '../partition-checks.ts';
import { datedReads } from './dated-tables.ts';
import { judgeResult } from './judge-result.ts';
import { openWarehouse } from './open-warehouse.ts';
import { prepareTable } from './prepare-table.ts';
import { publishCopy, recordInStore } from './publish-copy.ts';
import { readRecords } from './read-records.ts';
import { replacePartition } from './replace-partition.ts';
import { emptyInputs, stagedInputs } from './stage-inputs.ts';
import { recordedTable, tableVersions } from './table-versions.ts';

/** How often inputs may change while a partition is built. */
const MAX_CHANGES = 5;

/**
 * Builds a partition in the warehouse, and publishes a copy of it in S3. The record in the warehouse says what its rows were built
 * from: if a process died after it had committed, the next one finds that out and publishes the copy only.
 * @throws Terminal `StepInvalid`, `StepFailed`, `InputMissing`, `PartitionChecksFailed`, `TargetUnfit`; those of statements
 */
export async function buildInRedshift(
  { deps, pointers, newId, signal }: BuildContext,
  { dataset, partition, now, force = false, reads }: BuildPartitionInput,
): Promise<BuildPartitionResult> {
  const graph = await openGraph(deps, [dataset]);
  const definition = graph.derived[dataset] as DerivedDefinition;
  const value = partitionValue(graph, dataset, definition, partition);
  const id = `${dataset} ${value}`;
  const step = (await judgedStep(deps, dataset, definition, signal)) as SqlStep;
  const datasets = await graphDatasets(deps, graph, withUpstream(graph.nodes, [dataset]), signal);
  const planned = datasets.find(({ name }) => name === dataset) as GraphDataset;
  const own = await namedFor(deps, planned, { datasets, value, reads }, signal);
  const ms = now === undefined ? deps.nowMs() : Date.parse(now);
  const files = graph.filesOf(dataset);
  const place = { deps, files, partition, newId, signal };
  const open = openWarehouse(deps, dataset, definition, signal);
  const columns = declaredColumns(definition);
  const checks = await checksOf(deps, definition, Object.keys(definition.columns));
  const { column } = definition.partition;
  await prepareTable(open, partitionTableColumns(definition.partition)[0], columns);
  const reading = {
    ...{ deps, graph, definition, signal },
    reads: [...new Set(own.inputs.map((input) => input.dataset))],
  };
  let isWanted = force;
  for (let changes = 0; ; ) {
    const current = await currentPointer(place);
    const [found] = await readRecords(open, column, value);
    const inputs = await inputsOf(graph, datasets, { dataset: own, value, ms }, pointers, signal);
    const tables = await tableVersions(open, definition);
    const dated = await datedReads(open, definition, value);
    const builtFrom = [
      ...inputs.map(recorded),
      ...tables.map(recordedTable),
      ...dated.flatMap((each) => each.recorded),
    ];
    const isCurrent = found?.isWhole === true && isBuiltFrom(found, step, builtFrom);
    const record = isCurrent && !isWanted ? await recordInStore(place, found) : undefined;
    if (isCurrent && record !== undefined) {
      if (current?.isWhole === true && current.value.built?.record === found.id) {
        const { generation, content } = current.value;
        return { partition, generation, rows: content.rows, isUnchanged: true };
      }
      const published = await publishCopy(place, open, definition, { current, found, record });
      if (typeof published === 'object') return published;
      isWanted = published === 'changed' && (await isStill(open, column, found));
      continue;
    }
    const versioned = tables.map(({ name, at, version }) => versionedInput(name, at, version));
    const shapes = dated.map(({ shape }) => shape);
    await judgeResult(open, { dataset, sql: step.sql, columns, shapes }, [
      ...(await emptyInputs(reading)),
      ...versioned,
      ...dated.map(({ empty }) => empty),
    ]);
    const next: BuildRecord = {
      ...{
        version: 1,
        id: newId(),
        builtAt: (await sharedTime(deps, files.store.bucket, { signal })).toISOString(),
      },
      ...{
        for: new Date(ms).toISOString(),
        code: step.version,
        sql: step.sql,
        engine: 'redshift',
        inputs: builtFrom,
        warnings: [],
      },
    };
    await claim(buildRecord(files, partition, next.id), next, (each) => each.id === next.id, signal);
    const staged = await stagedInputs(reading, inputs, { files, id: next.id });
    let outcome: Awaited<ReturnType<typeof replacePartition>>;
    try {
      outcome = await replacePartition(open, {
        ...{
          id,
          definition,
          checks,
          sql: step.sql,
          inputs: [...staged.inputs, ...versioned, ...dated.map(({ input }) => input)],
          before: found,
        },
        record: { partition: value, id: next.id, code: step.version, inputs: inputsHash(builtFrom) },
      });
    } finally {
      // What remains costs space only.
      if (staged.written.length > 0) await files.store.delete(staged.written).catch(() => {});
    }
    if (outcome === 'replaced') isWanted = false;
    if (outcome === 'inputs' && ++changes >= MAX_CHANGES)
      throw new Terminal(
        'InputMissing',
        `The inputs of ${id} are not what is published of them: they changed ${MAX_CHANGES} times, or wait for a copy. ` +
          'The next run builds them first.',
      );
  }
}

const isBuiltFrom = (
  found: Pick<PartitionRecord, 'code' | 'inputs'>,
  step: SqlStep,
  inputs: BuildRecord['inputs'],
): boolean => found.code === step.version && found.inputs === inputsHash(inputs);

/** Whether the partition has the same record: then its rows are not those that it names. */
async function isStill(
  open: Parameters<typeof readRecords>[0],
  column: string | undefined,
  { partition, id }: Pick<PartitionRecord, 'partition' | 'id'>,
): Promise<boolean> {
  const [found] = await readRecords(open, column, partition);
  return found?.id === id;
}
