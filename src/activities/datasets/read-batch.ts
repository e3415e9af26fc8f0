import { zstdCompressSync } from 'node:zlib';
import { Terminal } from '../../clients/errors.ts';
import type { BatchFile, TableEngine } from '../../clients/table-engine.ts';
import type { ReadBatchResult } from '../../contract/datasets/datasets.ts';
import { type DataColumns, dataColumns } from '../../modules/data-columns.ts';
import type { RecordModule } from '../../modules/record-module.ts';
import { batchDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type {
  BatchResult,
  DayRange,
  IntakePlan,
  KeptReject,
  RawFile,
} from '../../pipeline/datasets/documents.ts';
import type { Offer } from '../../pipeline/datasets/partitions/next-inputs.ts';
import { isWithin } from '../../pipeline/datasets/partitions/partition-days.ts';
import { daysOf } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { RecordSet } from '../../pipeline/datasets/partitions/record-set.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { claim } from '../../store/claim.ts';
import { batchResult, intakePlan } from '../../store/datasets/dataset-documents.ts';
import { upload } from '../../store/datasets/local-files.ts';
import { Gone, rawBytes } from '../../store/datasets/raw-bytes.ts';
import { findDocument } from '../../store/document.ts';
import { NotDecompressed } from '../../store/records/decompressed.ts';
import { type FilePart, fileParts } from '../../store/records/file-parts.ts';
import type { RecordCode } from '../runtime/dependencies.ts';
import type { OpenDataset } from './open-dataset.ts';
import { withModule } from './record-modules.ts';
import { refuseMoved } from './refuse-moved.ts';
import { RowFiles } from './row-files.ts';
import { inStepDirectory } from './step-directory.ts';

interface ReadContext {
  readonly engine: TableEngine;
  readonly code: RecordCode;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Called as it advances. */
  readonly onRecords: (records: number) => void;
}

interface BatchId {
  readonly intake: number;
  readonly batch: number;
}

/**
 * Reads the files of a batch, and writes their rows by partition. A file that is gone is not taken; one that cannot be decompressed
 * is set aside whole. What was done already is found and returned.
 * @throws Terminal `FileMissing`, `CodeChanged`, `TooManyRejects`; those of the module and the engine
 */
export async function readBatch(
  context: ReadContext,
  dataset: OpenDataset,
  id: BatchId,
): Promise<ReadBatchResult> {
  const { signal, code } = context;
  const document = batchResult(dataset.files, id.intake, id.batch);
  const done = await findDocument(document, signal);
  if (done !== undefined) return summary(done);
  const plan = await findDocument(intakePlan(dataset.files, id.intake), signal);
  const batch = plan?.batches.find(({ number }) => number === id.batch);
  if (plan === undefined || batch === undefined)
    throw new Terminal(
      'FileMissing',
      `Dataset ${dataset.name} has no batch ${id.batch} of intake ${id.intake}.`,
    );
  if (plan.code !== code.version)
    throw new Terminal(
      'CodeChanged',
      `Intake ${id.intake} of ${dataset.name} was planned with version ${plan.code} of its record module, and this worker has ` +
        `${code.version}. The next run takes the files with the version that its workers have.`,
    );
  const result = await inStepDirectory((directory) =>
    withModule(
      code,
      dataset.definition,
      (module) => new BatchRead(context, dataset, { plan, files: batch.files, id, module, directory }).read(),
      plan.reread?.range,
    ),
  );
  const { value } = await claim(document, result, ({ attempt }) => attempt === result.attempt, signal);
  return summary(value);
}

const summary = ({ batch, partitions, records, rejects }: BatchResult): ReadBatchResult => ({
  batch,
  files: new Set(partitions.flatMap(({ inputs }) => inputs.map(({ key }) => key))).size,
  records,
  rejects: rejects.count,
  partitions: partitions.length,
});

interface Work {
  readonly plan: IntakePlan;
  readonly files: readonly RawFile[];
  readonly id: BatchId;
  readonly module: RecordModule;
  readonly directory: string;
}

/** A file that is being read. */
interface FileRead {
  readonly number: number;
  readonly file: RawFile;
  readonly rows: Map<string, RecordSet>;
  readonly rejects: KeptReject[];
  /** The place of the next record in the file. */
  readonly first: number;
}

class BatchRead {
  readonly #context: ReadContext;
  readonly #dataset: OpenDataset;
  readonly #work: Work;
  readonly #data: DataColumns;
  readonly #attempt: string;
  readonly #rejects: KeptReject[] = [];
  readonly #missing: string[] = [];
  readonly #damaged: string[] = [];
  /** Numbers of the missing and damaged files: they may have lines. */
  readonly #leftOut: number[] = [];
  readonly #lines: RowFiles;
  /** By partition, then by the file's number: its records there. */
  readonly #rows = new Map<string, Map<number, RecordSet>>();
  #records = 0;

  constructor(context: ReadContext, dataset: OpenDataset, work: Work) {
    this.#context = context;
    this.#dataset = dataset;
    this.#work = work;
    this.#data = dataColumns(dataset.definition, work.module.columns);
    this.#attempt = context.newId();
    this.#lines = new RowFiles(work.directory);
  }

  async read(): Promise<BatchResult> {
    const { engine, signal } = this.#context;
    const { files, id, directory } = this.#work;
    for (const [number, file] of files.entries()) await this.#readFile(number, file);
    await this.#refuseMoved();
    const { columns } = this.#data;
    const rowFiles = await this.#lines.finish();
    const written =
      rowFiles.length === 0
        ? []
        : await engine.writeRows({ columns, rowFiles, leftOut: this.#leftOut, directory }, { signal });
    const partitions = await this.#uploaded(written);
    return {
      ...{ version: 1, intake: id.intake, batch: id.batch, attempt: this.#attempt },
      code: this.#context.code.version,
      missing: this.#missing,
      damaged: this.#damaged,
      partitions,
      records: this.#records,
      rejects: await this.#keptRejects(),
    };
  }

  async #readFile(number: number, file: RawFile): Promise<void> {
    const { signal } = this.#context;
    const rows = new Map<string, RecordSet>();
    const rejects: KeptReject[] = [];
    let records = 0;
    try {
      for await (const part of fileParts(rawBytes(this.#dataset.source.store, file, signal))) {
        signal.throwIfAborted();
        records += await this.#readPart({ number, file, rows, rejects, first: records }, part);
        this.#context.onRecords(this.#records + records);
      }
    } catch (error) {
      if (!(error instanceof Gone || error instanceof NotDecompressed)) throw error;
      if (this.#range !== undefined)
        throw new Terminal('RebuildRefused', `Nothing was rebuilt: ${file.key}: ${error.message}.`);
      this.#leftOut.push(number);
      if (error instanceof Gone) this.#missing.push(file.key);
      else {
        this.#damaged.push(file.key);
        this.#refuse([{ file: file.key, line: 0, reason: error.message, raw: '' }]);
      }
      return;
    }
    this.#records += records;
    this.#refuse(rejects);
    for (const [partition, count] of rows) {
      const own = this.#rows.get(partition) ?? new Map<number, RecordSet>();
      own.set(number, count);
      this.#rows.set(partition, own);
    }
  }

  get #range(): DayRange | undefined {
    return this.#work.plan.reread?.range;
  }

  /** @throws Terminal `RebuildRefused` if a partition that is not rebuilt would gain or lose records */
  async #refuseMoved(): Promise<void> {
    const { plan, files } = this.#work;
    const range = this.#range;
    if (range === undefined) return;
    const before = new Map(plan.reread?.outside.map(({ key, partitions }) => [key, partitions]));
    const read = files.flatMap(({ key }, number) => {
      const outside = [...this.#rows.keys()].filter(
        (partition) => !isWithin(partition, range) && this.#rows.get(partition)?.has(number),
      );
      return [...new Set([...(before.get(key) ?? []), ...outside])].map((partition) => ({
        ...{ key, partition },
        records: String(this.#rows.get(partition)?.get(number) ?? new RecordSet()),
      }));
    });
    await refuseMoved(this.#dataset.files, read, this.#context.signal);
  }

  /** @returns how many records it has */
  async #readPart(into: FileRead, part: FilePart): Promise<number> {
    const { module } = this.#work;
    const { partition, bounds } = this.#dataset.definition;
    const days = daysOf(bounds, partition.timezone, this.#context.nowMs());
    const context = { input: into.number, days };
    if ('records' in part) {
      await this.#take(into, await module.readLines(part.records, context));
      return part.records.length;
    }
    const { parts, records, refused } = await module.readWholeLines(part.lines, context);
    await this.#take(into, parts);
    if (refused !== undefined) part.refuse(refused);
    return records;
  }

  async #take(
    { file, rows, rejects, first }: FileRead,
    parts: Awaited<ReturnType<RecordModule['readLines']>>,
  ): Promise<void> {
    for (const part of parts) {
      for (const { line, reason, detail, raw } of part.rejects)
        rejects.push({ file: file.key, line, reason, ...(detail === undefined ? {} : { detail }), raw });
      if (part.block === undefined) continue;
      const { indexes, owners, partitions } = part.block;
      const records = partitions.map((own) => {
        const known = rows.get(own) ?? new RecordSet();
        rows.set(own, known);
        return known;
      });
      for (const [i, index] of indexes.entries()) records[owners[i]!]!.add(first + part.first + index);
      await this.#lines.add(part.block);
    }
  }

  #refuse(rejects: readonly KeptReject[]): void {
    const { maxRejects } = this.#dataset.definition;
    for (const reject of rejects) this.#rejects.push(reject);
    const [first] = this.#rejects;
    if (this.#rejects.length > maxRejects && first !== undefined)
      throw new Terminal(
        'TooManyRejects',
        `More than ${maxRejects} records of batch ${this.#work.id.batch} cannot be rows, so nothing of it is published. ` +
          `The first: ${first.file}, line ${first.line}: ${first.reason}. Correct the record module, or raise \`maxRejects\`.`,
      );
  }

  /** What each partition gets: rows, and the files that have none there any more. */
  async #uploaded(written: readonly BatchFile[]): Promise<BatchResult['partitions']> {
    const { store, at } = this.#dataset.files;
    const { id } = this.#work;
    const directory = batchDirectory(at, id.intake, id.batch, this.#attempt);
    const inputs = this.#inputs();
    const files = new Map(written.map((file) => [file.partition, file]));
    const partitions: BatchResult['partitions'] = [];
    for (const [partition, own] of inputs) {
      const found = files.get(partition);
      if (found === undefined) {
        partitions.push({ partition, inputs: own });
        continue;
      }
      const key = `${directory}${partitions.length}.parquet`;
      const file = await upload(store, found.path, key, this.#context.signal);
      partitions.push({ partition, file: { ...file, rows: found.rows }, inputs: own });
    }
    return partitions;
  }

  /** By partition: the files with rows in it, and those whose earlier version had some. */
  #inputs(): Map<string, Offer['inputs'][number][]> {
    const { files, id, plan } = this.#work;
    const without = new Set([...this.#missing, ...this.#damaged]);
    const before = new Map(plan.overwritten.map((each) => [each.key, each]));
    const inputs = new Map<string, Offer['inputs'][number][]>();
    for (const [number, raw] of files.entries()) {
      if (without.has(raw.key)) continue;
      const known = before.get(raw.key);
      const isReread = plan.reread !== undefined || known?.again === true;
      const partitions = new Set(known?.partitions);
      for (const [partition, rows] of this.#rows)
        if (rows.has(number) && isWithin(partition, this.#range)) partitions.add(partition);
      for (const partition of partitions) {
        const records = this.#rows.get(partition)?.get(number) ?? new RecordSet();
        const input = {
          ...{ ...raw, intake: id.intake, rows: records.count, records: String(records) },
          ...{ code: this.#context.code.version, number },
          ...(isReread ? { reread: true as const } : {}),
        };
        const own = inputs.get(partition) ?? [];
        inputs.set(partition, own);
        own.push(input);
      }
    }
    return inputs;
  }

  async #keptRejects(): Promise<BatchResult['rejects']> {
    const count = this.#rejects.length;
    if (count === 0) return { count };
    const { store, at } = this.#dataset.files;
    const { id } = this.#work;
    const lines = this.#rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('');
    const key = `${batchDirectory(at, id.intake, id.batch, this.#attempt)}rejects.jsonl.zst`;
    const etag = await store.put(key, zstdCompressSync(lines), { signal: this.#context.signal });
    return { count, file: { key, etag: bareEtag(etag) } };
  }
}
