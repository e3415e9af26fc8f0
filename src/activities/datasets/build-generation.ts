import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { DataFile as MergedFile, MergedPartition, TableEngine } from '../../clients/table-engine.ts';
import type { BuildPartitionResult } from '../../contract/datasets/datasets.ts';
import { sortOf } from '../../modules/data-columns.ts';
import {
  dataFileKey,
  duplicatesKey,
  generationName,
  sideFileKey,
} from '../../pipeline/datasets/dataset-directory.ts';
import type { DataFile, Generation, WrittenFile } from '../../pipeline/datasets/documents.ts';
import type { TableColumn } from '../../pipeline/datasets/parquet/column-type.ts';
import { type NextInputs, nextInputs } from '../../pipeline/datasets/partitions/next-inputs.ts';
import { typeText } from '../../pipeline/datasets/records/column-type.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { type CurrentGeneration, currentGeneration } from '../../store/datasets/current-generation.ts';
import { findIntakes } from '../../store/datasets/intakes.ts';
import { download, upload } from '../../store/datasets/local-files.ts';
import { offersTo } from '../../store/datasets/offers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { mergedColumns } from './merged-columns.ts';
import type { OpenDataset } from './open-dataset.ts';
import { checkRows } from './partition-checks.ts';
import { publishGeneration } from './publish-generation.ts';
import { inStepDirectory } from './step-directory.ts';

interface BuildContext {
  readonly deps: Pick<Dependencies, 'bucketMaintenance' | 'nowMs' | 'checksFile'>;
  readonly engine: TableEngine;
  /** Of the data files: without the partition's. */
  readonly columns: readonly TableColumn[];
  /** Makes random ids, each of its own. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

/**
 * Builds and publishes the next generation of a partition: what it has, without the rows of files that were overwritten, with what open
 * intakes offer. If another generation is published meanwhile, it is built again on top of that.
 * @throws Terminal `PartitionChecksFailed`; Transient, Terminal: those of the engine
 */
export async function buildGeneration(
  context: BuildContext,
  dataset: OpenDataset,
  partition: string,
): Promise<BuildPartitionResult> {
  const { signal } = context;
  const { files } = dataset;
  for (;;) {
    const { open } = await findIntakes(files, signal);
    const current = await currentGeneration(files, partition, signal);
    const inputs = nextInputs(current?.generation, offersTo(partition, open));
    if (inputs.isUnchanged) {
      const { generation = 0, content } = current?.generation ?? {};
      return { partition, generation, rows: content?.rows ?? 0, isUnchanged: true };
    }
    const { next, warnings } = await inStepDirectory((directory) =>
      new GenerationBuild(context, dataset, { partition, current, inputs, directory }).build(),
    );
    const published = await publishGeneration(files, next, current, signal);
    if (published !== undefined)
      return {
        ...{ partition, generation: next.generation, rows: next.content.rows, isUnchanged: false },
        ...(warnings.length === 0 ? {} : { warnings }),
      };
  }
}

interface BuildPlan {
  readonly partition: string;
  readonly current: CurrentGeneration | undefined;
  readonly inputs: NextInputs;
  readonly directory: string;
}

/** A data file on the local disk, with the one in S3 that it is a copy of. */
interface LocalFile {
  readonly path: string;
  readonly sidePath: string;
  readonly file: DataFile;
}

class GenerationBuild {
  readonly #context: BuildContext;
  readonly #dataset: OpenDataset;
  readonly #plan: BuildPlan;
  readonly #generation: number;
  readonly #id: string;
  /** By local paths, the keys of their files. */
  readonly #fetched = new Map<string, string>();
  #count = 0;

  constructor(context: BuildContext, dataset: OpenDataset, plan: BuildPlan) {
    this.#context = context;
    this.#dataset = dataset;
    this.#plan = plan;
    this.#generation = (plan.current?.pointer.generation ?? 0) + 1;
    this.#id = context.newId();
  }

  async build(): Promise<{ readonly next: Generation; readonly warnings: readonly string[] }> {
    const { deps, engine, signal } = this.#context;
    const { definition, files } = this.#dataset;
    const { partition, current, inputs, directory } = this.#plan;
    const before = current?.generation;
    const existing: LocalFile[] = [];
    const dropped = new Set(inputs.dropped);
    // A rebuild replaces every row: what is there is not read, and may have other types.
    const isReplaced = before?.inputs.every(({ number, rows }) => rows === 0 || dropped.has(number)) === true;
    const staying = isReplaced ? undefined : before;
    const columns = mergedColumns(this.#dataset, {
      ...{ partition, columns: this.#context.columns, staying, added: inputs.added },
    });
    for (const file of staying?.files ?? []) {
      const [path, sidePath] = [await this.#fetch(file), await this.#fetch(file.side)];
      existing.push({ path, sidePath, file });
    }
    const added = [];
    for (const { offer, inputs: wanted } of inputs.added)
      if (offer.file !== undefined) added.push({ path: await this.#fetch(offer.file), inputs: wanted });
    const { deduplicate } = definition;
    const merging = engine.mergePartition(
      {
        ...{ columns, directory, existing, added, sort: sortOf(definition, columns) },
        ...(deduplicate === undefined ? {} : { deduplicate: ruleOf(deduplicate, columns) }),
        duplicates: staying?.duplicates === undefined ? [] : [await this.#fetch(staying.duplicates)],
        dropped: inputs.dropped,
        compareAll: staying !== undefined && !isDeepStrictEqual(staying.deduplicate, deduplicate),
      },
      { signal },
    );
    const merged = await merging.catch((error: unknown) => this.#namingFiles(error));
    const { content } = merged;
    const kept = merged.kept.map((index) => existing[index] as LocalFile);
    const warnings = await checkRows({ ...this.#context, columns }, this.#dataset, {
      ...{ partition, directory, files: [...kept, ...merged.written].map(({ path }) => path) },
    });
    const duplicates = await this.#duplicates(merged);
    const next: Generation = {
      ...{ version: 1, partition, generation: this.#generation, id: this.#id },
      builtAt: (await sharedTime(deps, files.store.bucket, { signal })).toISOString(),
      inputs: [...inputs.inputs],
      nextInput: inputs.nextInput,
      files: [...(await this.#kept(kept)), ...(await this.#written(merged.written))],
      columns: columns.map(({ name, type }) => ({ name, type: typeText(type) })),
      ...(duplicates === undefined ? {} : { duplicates }),
      ...(deduplicate === undefined ? {} : { deduplicate }),
      content: { columnsId: content.columnsId, rows: content.rows, sums: [...content.sums] },
    };
    return { next, warnings };
  }

  async #fetch(file: Pick<WrittenFile, 'key' | 'etag' | 'bytes'>): Promise<string> {
    const path = join(this.#plan.directory, `in-${this.#count++}.parquet`);
    await download(this.#dataset.files.store, file, path, this.#context.signal);
    this.#fetched.set(path, file.key);
    return path;
  }

  /** @throws the error, with the files in S3 instead of their local copies */
  #namingFiles(error: unknown): never {
    if (!(error instanceof Terminal)) throw error;
    const { bucket } = this.#dataset.files.store;
    let { message } = error;
    for (const [path, key] of this.#fetched) message = message.replaceAll(path, `s3://${bucket}/${key}`);
    throw new Terminal(error.code, message, { cause: error });
  }

  #place(file: number): { readonly data: string; readonly side: string } {
    const { at } = this.#dataset.files;
    const { partition } = this.#plan;
    const name = generationName(this.#generation, this.#id);
    return { data: dataFileKey(at, partition, name, file), side: sideFileKey(at, partition, name, file) };
  }

  /** Large files that keep all their rows are copied on the server. */
  async #kept(kept: readonly LocalFile[]): Promise<DataFile[]> {
    const copied: DataFile[] = [];
    for (const [index, { file }] of kept.entries()) {
      const to = this.#place(index);
      copied.push({
        ...(await this.#copy(file, to.data)),
        rows: file.rows,
        side: await this.#copy(file.side, to.side),
      });
    }
    return copied;
  }

  async #copy(
    { key, etag, bytes }: Pick<WrittenFile, 'key' | 'etag' | 'bytes'>,
    to: string,
  ): Promise<Pick<WrittenFile, 'key' | 'etag' | 'bytes'>> {
    const { store } = this.#dataset.files;
    const from = { bucket: store.bucket, key, etag: `"${etag}"` as const, bytes };
    const answer = await store.copy(from, to, { signal: this.#context.signal });
    if (answer === 'changed' || answer === 'missing')
      throw new Transient(
        'WriteConflict',
        `s3://${store.bucket}/${key} was ${answer === 'missing' ? 'deleted' : 'changed'} meanwhile.`,
      );
    return { key: to, etag: bareEtag(answer), bytes };
  }

  async #written(written: readonly MergedFile[]): Promise<DataFile[]> {
    const { store } = this.#dataset.files;
    const { signal } = this.#context;
    const first = this.#plan.current?.generation.files.length ?? 0;
    const uploaded: DataFile[] = [];
    for (const [index, { path, sidePath, rows }] of written.entries()) {
      const to = this.#place(first + index);
      uploaded.push({
        ...(await upload(store, path, to.data, signal)),
        rows,
        side: await upload(store, sidePath, to.side, signal),
      });
    }
    return uploaded;
  }

  async #duplicates({ duplicates }: MergedPartition): Promise<WrittenFile | undefined> {
    if (duplicates === undefined) return undefined;
    const { store, at } = this.#dataset.files;
    const key = duplicatesKey(at, this.#plan.partition, generationName(this.#generation, this.#id));
    return { ...(await upload(store, duplicates.path, key, this.#context.signal)), rows: duplicates.rows };
  }
}

/** Within a partition, its own columns do not tell rows apart; the data files lack them. */
function ruleOf(
  { key, newest }: NonNullable<OpenDataset['definition']['deduplicate']>,
  columns: readonly TableColumn[],
) {
  const names = new Set(columns.map(({ name }) => name));
  return {
    key: key.filter((name) => names.has(name)),
    ...(newest === undefined || !names.has(newest) ? {} : { newest }),
  };
}
