import { isDeepStrictEqual } from 'node:util';
import { Terminal } from '../../../clients/errors.ts';
import type { ETag } from '../../../clients/object-store.ts';
import type { BuildPartitionInput, BuildPartitionResult } from '../../../contract/datasets/datasets.ts';
import { dataFileKey, generationName } from '../../../pipeline/datasets/dataset-directory.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import { filesHash } from '../../../pipeline/datasets/derived/files-hash.ts';
import { declaredColumns } from '../../../pipeline/datasets/derived/result-columns.ts';
import { checkQuery, type FailedCheck, failedText } from '../../../pipeline/datasets/derived/step-checks.ts';
import type { BuildRecord, Pointer, PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { isValue } from '../../../pipeline/datasets/graph/calendar.ts';
import type { GraphDataset } from '../../../pipeline/datasets/graph/expectations.ts';
import { withUpstream } from '../../../pipeline/datasets/graph/graph-order.ts';
import { versionsHash } from '../../../pipeline/datasets/graph/input-versions.ts';
import { valueOfPath } from '../../../pipeline/datasets/graph/partition-values.ts';
import { typeText } from '../../../pipeline/datasets/records/column-type.ts';
import { claim } from '../../../store/claim.ts';
import type { Pointers } from '../../../store/datasets/changed-pointers.ts';
import {
  buildRecord,
  type DatasetFiles,
  pointer,
  publishedGeneration,
} from '../../../store/datasets/dataset-documents.ts';
import { upload } from '../../../store/datasets/local-files.ts';
import { findVersion, JSON_FILE } from '../../../store/document.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { sharedTime } from '../../runtime/shared-clock.ts';
import { checkFolder } from '../publish-generation.ts';
import { inStepDirectory } from '../step-directory.ts';
import { isGenerationWhole } from './graph-state.ts';
import { inputsOf, inputTables, recorded } from './input-tables.ts';
import { judgedStep, type Step } from './judged-step.ts';
import { graphDatasets, type OpenGraph, openGraph } from './open-graph.ts';

interface BuildContext {
  readonly deps: Dependencies;
  readonly pointers: Pointers;
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/**
 * Builds and publishes a partition of a derived dataset, unless it is complete. If it is published by another process meanwhile, it
 * is compared and, if it is still stale, built again.
 * @throws Terminal `StepInvalid`, `StepFailed`, `InputMissing`; those of the engine
 */
export async function buildDerived(
  context: BuildContext,
  { dataset, partition, now, force = false }: BuildPartitionInput,
): Promise<BuildPartitionResult> {
  const { deps, signal } = context;
  const graph = await openGraph(deps, [dataset]);
  const definition = graph.derived[dataset] as DerivedDefinition;
  const value = valueOfPath(partition);
  if (!isValue(definition.partition.unit, value) || graph.pathOf(dataset, value) !== partition)
    throw new Terminal(
      'BadInput',
      `${dataset} has no partition ${partition}: expected ${example(definition)}.`,
    );
  const step = await judgedStep(deps, dataset, definition, signal);
  const datasets = await graphDatasets(deps, graph, withUpstream(graph.nodes, [dataset]), signal);
  const own = datasets.find(({ name }) => name === dataset) as GraphDataset;
  const ms = now === undefined ? deps.nowMs() : Date.parse(now);
  const build = new DerivedBuild(context, { graph, datasets, own, definition, step, partition, value, ms });
  return build.run(force);
}

const example = ({ partition: { column, unit } }: DerivedDefinition) =>
  `${column}=${unit === 'day' ? '2026-11-01' : '2026-11'}`;

interface Work {
  readonly graph: OpenGraph;
  readonly datasets: readonly GraphDataset[];
  readonly own: GraphDataset;
  readonly definition: DerivedDefinition;
  readonly step: Step;
  readonly partition: string;
  readonly value: string;
  readonly ms: number;
}

interface Current {
  readonly value: Pointer;
  readonly etag: ETag;
}

/** What a step made, with what it was made from. */
interface Made {
  readonly inputs: BuildRecord['inputs'];
  /** Checks that did not hold, and do not stop it. */
  readonly warnings: readonly string[];
  readonly content: PublishedGeneration['content'];
  /** Puts its files into the folder of a generation. */
  readonly upload: (generation: number, id: string) => Promise<PublishedGeneration['files']>;
}

class DerivedBuild {
  readonly #context: BuildContext;
  readonly #work: Work;
  readonly #files: DatasetFiles;

  constructor(context: BuildContext, work: Work) {
    this.#context = context;
    this.#work = work;
    this.#files = work.graph.filesOf(work.own.name);
  }

  async run(force: boolean): Promise<BuildPartitionResult> {
    const { signal } = this.#context;
    const { partition } = this.#work;
    for (;;) {
      const current = await findVersion(pointer(this.#files, partition), signal);
      const isWhole =
        current !== undefined && (await isGenerationWhole(this.#files, partition, current.value, signal));
      const inputs = await this.#inputs();
      const isComplete = isWhole && this.#isBuiltFrom(current.value, inputs.map(recorded));
      if (isComplete && !force) return this.#result(current.value, true);
      const published = await inStepDirectory((directory) =>
        this.#build(directory, inputs, isWhole ? current : undefined, current),
      );
      if (published !== undefined) return published;
    }
  }

  #inputs() {
    const { graph, datasets, own, value, ms } = this.#work;
    const { pointers, signal } = this.#context;
    return inputsOf(graph, datasets, { dataset: own, value, ms }, pointers, signal);
  }

  #isBuiltFrom({ built }: Pointer, inputs: BuildRecord['inputs']): boolean {
    return built?.code === this.#work.step.version && built.inputs === hashOf(inputs);
  }

  /** @param reusable the current generation, if its files are as they were written */
  async #build(
    directory: string,
    inputs: Awaited<ReturnType<typeof inputsOf>>,
    reusable: Current | undefined,
    current: Current | undefined,
  ): Promise<BuildPartitionResult | undefined> {
    const made = await this.#make(directory, inputs);
    const isSame = reusable !== undefined && isDeepStrictEqual(reusable.value.content, made.content);
    const next = isSame ? await this.#again(reusable.value, made) : await this.#next(current?.value, made);
    const answer = await this.#put(next, current);
    const { warnings } = made;
    return answer
      ? { ...this.#result(next, isSame), ...(warnings.length === 0 ? {} : { warnings }) }
      : undefined;
  }

  async #make(directory: string, inputs: Awaited<ReturnType<typeof inputsOf>>): Promise<Made> {
    const { deps, signal } = this.#context;
    const { graph, own, definition, step, partition } = this.#work;
    const reads = [...new Set(own.inputs.map(({ dataset }) => dataset))];
    const tables = await inputTables(deps, graph, { reads, inputs, directory }, signal);
    const columns = declaredColumns(definition);
    const checks = Object.entries(definition.checks);
    const derived = await deps.tableEngine.derive(
      {
        ...{ sql: step.sql, tables, columns, directory },
        checks: checks.map(([name, check]) => ({ name, sql: checkQuery(check) })),
      },
      { signal },
    );
    const warnings = this.#warnings(derived.failedChecks);
    const local = derived.path === undefined ? [] : [derived.path];
    const { content } = derived;
    return {
      inputs: inputs.map(recorded),
      warnings,
      content: { columnsId: content.columnsId, rows: content.rows, sums: [...content.sums] },
      upload: async (generation, id) => {
        const files: PublishedGeneration['files'] = [];
        for (const [index, path] of local.entries()) {
          const key = dataFileKey(this.#files.at, partition, generationName(generation, id), index);
          files.push({ ...(await upload(this.#files.store, path, key, signal)), rows: content.rows });
        }
        return files;
      },
    };
  }

  /** @throws Terminal `PartitionChecksFailed` */
  #warnings(failed: readonly FailedCheck[]): string[] {
    const { definition, own, value } = this.#work;
    const isStop = ({ name }: FailedCheck) => definition.checks[name]?.severity === 'stop';
    const stopping = failed.filter(isStop);
    if (stopping.length > 0)
      throw new Terminal(
        'PartitionChecksFailed',
        `${own.name} ${value} is not published, because checks do not hold: ${stopping.map(failedText).join('; ')}.`,
      );
    return failed.map(failedText);
  }

  /** The same rows as before: the generation stays, and its pointer names what it was built from now. */
  async #again(before: Pointer, made: Made): Promise<Pointer> {
    const record = await this.#record(made);
    return {
      ...before,
      revision: before.revision + 1,
      publishedAt: record.builtAt,
      built: { ...builtOf(record), files: before.built?.files ?? filesHash([]) },
    };
  }

  async #next(before: Pointer | undefined, made: Made): Promise<Pointer> {
    const { signal } = this.#context;
    const { partition } = this.#work;
    const record = await this.#record(made);
    const { id } = record;
    const generation = (before?.generation ?? 0) + 1;
    const files = await made.upload(generation, id);
    const document: PublishedGeneration = {
      ...{
        version: 1,
        partition,
        generation,
        id,
        builtAt: record.builtAt,
        content: made.content,
        files,
        columns: this.#columns(),
      },
    };
    await checkFolder(this.#files, document, signal);
    await claim(
      publishedGeneration(this.#files, partition, document),
      document,
      (found) => found.id === id,
      signal,
    );
    return {
      ...{ version: 1, revision: (before?.revision ?? 0) + 1, generation, id },
      publishedAt: record.builtAt,
      content: made.content,
      built: { ...builtOf(record), files: filesHash(files) },
    };
  }

  async #record({ inputs, warnings }: Made): Promise<BuildRecord> {
    const { deps, newId, signal } = this.#context;
    const { step, partition, ms } = this.#work;
    const builtAt = (await sharedTime(deps, this.#files.store.bucket, { signal })).toISOString();
    const record: BuildRecord = {
      ...{ version: 1, id: newId(), builtAt, for: new Date(ms).toISOString() },
      ...{ code: step.version, sql: step.sql, inputs, warnings: [...warnings] },
    };
    await claim(buildRecord(this.#files, partition, record.id), record, ({ id }) => id === record.id, signal);
    return record;
  }

  #columns(): PublishedGeneration['columns'] {
    return declaredColumns(this.#work.definition).map(({ name, type }) => ({ name, type: typeText(type) }));
  }

  /** @returns false if another generation was published meanwhile */
  async #put(next: Pointer, current: Current | undefined): Promise<boolean> {
    const { store, key } = pointer(this.#files, this.#work.partition);
    const options = { signal: this.#context.signal, ...JSON_FILE };
    const body = JSON.stringify(next);
    const answer =
      current === undefined
        ? await store.putNew(key, body, options)
        : await store.putIfMatch(key, body, current.etag, options);
    return answer !== 'exists' && answer !== 'changed';
  }

  #result({ generation, content }: Pointer, isUnchanged: boolean): BuildPartitionResult {
    return { partition: this.#work.partition, generation, rows: content.rows, isUnchanged };
  }
}

const hashOf = (inputs: BuildRecord['inputs']) =>
  versionsHash(inputs.filter(({ isReference }) => !isReference));

const builtOf = ({ id, code, inputs }: BuildRecord) => ({ code, inputs: hashOf(inputs), record: id });
