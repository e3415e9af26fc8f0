import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { Terminal } from '../../clients/errors.ts';
import type { BatchFile, TableEngine } from '../../clients/table-engine.ts';
import type { ReadBatchResult } from '../../contract/datasets/datasets.ts';
import type { RecordModule } from '../../modules/record-module.ts';
import type { RejectedRecord } from '../../modules/thread-messages.ts';
import { batchDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type { BatchResult, IntakePlan, RawFile } from '../../pipeline/datasets/documents.ts';
import { rowLine } from '../../pipeline/datasets/parquet/row-line.ts';
import type { Offer } from '../../pipeline/datasets/partitions/next-inputs.ts';
import { daysOf, partitionRule } from '../../pipeline/datasets/partitions/partition-rule.ts';
import { RecordRefused } from '../../pipeline/datasets/records/map-record.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { claim } from '../../store/claim.ts';
import { batchResult, intakePlan } from '../../store/datasets/dataset-documents.ts';
import { upload } from '../../store/datasets/local-files.ts';
import { Gone, rawBytes } from '../../store/datasets/raw-bytes.ts';
import { findDocument } from '../../store/document.ts';
import { NotDecompressed } from '../../store/records/decompressed.ts';
import { recordBlocks } from '../../store/records/record-blocks.ts';
import type { RecordCode } from '../runtime/dependencies.ts';
import { type DataColumns, dataColumns, sortOf } from './data-columns.ts';
import type { OpenDataset } from './open-dataset.ts';
import { withModule } from './record-modules.ts';
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

/** A record that was set aside, as it is kept. */
interface KeptReject extends Pick<RejectedRecord, 'line' | 'reason' | 'detail' | 'raw'> {
  readonly file: string;
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
    withModule(code, dataset.definition, (module) =>
      new BatchRead(context, dataset, { plan, files: batch.files, id, module, directory }).read(),
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

class BatchRead {
  readonly #context: ReadContext;
  readonly #dataset: OpenDataset;
  readonly #work: Work;
  readonly #data: DataColumns;
  readonly #attempt: string;
  readonly #rejects: KeptReject[] = [];
  readonly #missing: string[] = [];
  readonly #damaged: string[] = [];
  /** By partition, then by the file's number: its rows. */
  readonly #rows = new Map<string, Map<number, number>>();
  #records = 0;

  constructor(context: ReadContext, dataset: OpenDataset, work: Work) {
    this.#context = context;
    this.#dataset = dataset;
    this.#work = work;
    this.#data = dataColumns(dataset.definition, work.module.columns);
    this.#attempt = context.newId();
  }

  async read(): Promise<BatchResult> {
    const { engine, signal } = this.#context;
    const { definition } = this.#dataset;
    const { files, id, directory } = this.#work;
    const rowFiles: string[] = [];
    for (const [number, file] of files.entries()) {
      const path = join(directory, `rows-${number}.jsonl`);
      if (await this.#readFile(number, file, path)) rowFiles.push(path);
    }
    const { columns } = this.#data;
    const written =
      this.#rows.size === 0
        ? []
        : await engine.writeRows(
            { columns, sort: sortOf(definition, columns), rowFiles, directory },
            { signal },
          );
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

  /** @returns false if the file has no rows */
  async #readFile(number: number, file: RawFile, path: string): Promise<boolean> {
    const { signal } = this.#context;
    const lines = await open(path, 'w');
    const rows = new Map<string, number>();
    const rejects: KeptReject[] = [];
    let records = 0;
    try {
      for await (const block of recordBlocks(rawBytes(this.#dataset.source.store, file, signal))) {
        signal.throwIfAborted();
        records += block.length;
        await this.#readBlock({ number, file, lines, rows, rejects }, block);
        this.#context.onRecords(this.#records + records);
      }
    } catch (error) {
      if (!(error instanceof Gone || error instanceof NotDecompressed)) throw error;
      if (error instanceof Gone) this.#missing.push(file.key);
      else {
        this.#damaged.push(file.key);
        this.#refuse([{ file: file.key, line: 0, reason: error.message, raw: '' }]);
      }
      return false;
    } finally {
      await lines.close();
    }
    this.#records += records;
    this.#refuse(rejects);
    for (const [partition, count] of rows) {
      const own = this.#rows.get(partition) ?? new Map<number, number>();
      own.set(number, count);
      this.#rows.set(partition, own);
    }
    return rows.size > 0;
  }

  async #readBlock(
    into: {
      readonly number: number;
      readonly file: RawFile;
      readonly lines: FileHandle;
      readonly rows: Map<string, number>;
      readonly rejects: KeptReject[];
    },
    block: Parameters<RecordModule['read']>[0],
  ): Promise<void> {
    const { number, file, lines, rows, rejects } = into;
    const { module } = this.#work;
    const { partition, bounds } = this.#dataset.definition;
    const partitionOf = partitionRule(
      partition,
      module.columns,
      daysOf(bounds, partition.timezone, this.#context.nowMs()),
    );
    const { rows: made, rejects: refused } = await module.read(block);
    for (const { line, reason, detail, raw } of refused)
      rejects.push({ file: file.key, line, reason, ...(detail === undefined ? {} : { detail }), raw });
    let text = '';
    for (const { index, line, cells } of made) {
      try {
        const own = partitionOf(cells);
        text += rowLine(this.#data.columns, {
          cells: this.#data.cellsOf(cells),
          partition: own,
          input: number,
        });
        rows.set(own, (rows.get(own) ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof RecordRefused || error instanceof RangeError)) throw error;
        rejects.push({ file: file.key, line, reason: error.message, raw: block[index]?.text ?? '' });
      }
    }
    await lines.writeFile(text);
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
    const before = new Map(plan.overwritten.map(({ key, partitions }) => [key, partitions]));
    const inputs = new Map<string, Offer['inputs'][number][]>();
    for (const [number, raw] of files.entries()) {
      if (without.has(raw.key)) continue;
      const partitions = new Set(before.get(raw.key));
      for (const [partition, rows] of this.#rows) if (rows.has(number)) partitions.add(partition);
      for (const partition of partitions) {
        const rows = this.#rows.get(partition)?.get(number) ?? 0;
        const input = { ...raw, intake: id.intake, rows, code: this.#context.code.version, number };
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
