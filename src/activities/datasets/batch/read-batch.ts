import { Terminal } from '../../../clients/errors.ts';
import type { BatchFile, TableEngine } from '../../../clients/table-engine.ts';
import type { ReadBatchResult } from '../../../contract/datasets/datasets.ts';
import { type DataColumns, dataColumns } from '../../../modules/data-columns.ts';
import type { RecordModule } from '../../../modules/record-module.ts';
import { batchDirectory } from '../../../pipeline/datasets/dataset-directory.ts';
import type { BatchResult, DayRange, IntakePlan, RawFile } from '../../../pipeline/datasets/documents.ts';
import { typeText } from '../../../pipeline/datasets/records/column-type.ts';
import { claim } from '../../../store/claim.ts';
import { batchResult, intakePlan } from '../../../store/datasets/dataset-documents.ts';
import { upload } from '../../../store/datasets/local-files.ts';
import { Gone } from '../../../store/datasets/raw-bytes.ts';
import { findDocument } from '../../../store/document.ts';
import { NotDecompressed } from '../../../store/records/decompressed.ts';
import type { RecordCode } from '../../runtime/dependencies.ts';
import type { OpenDataset } from '../open-dataset.ts';
import { withModule } from '../record-modules.ts';
import { inStepDirectory } from '../step-directory.ts';
import { BatchRejects } from './batch-rejects.ts';
import { BatchRows } from './batch-rows.ts';
import { readRawFile } from './read-raw-file.ts';
import { refuseMoved } from './refuse-moved.ts';
import { RowFiles } from './row-files.ts';

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

class BatchRead {
  readonly #context: ReadContext;
  readonly #dataset: OpenDataset;
  readonly #work: Work;
  readonly #data: DataColumns;
  readonly #attempt: string;
  /** Where the batch's files are. */
  readonly #place: string;
  readonly #lines: RowFiles;
  readonly #rows = new BatchRows();
  readonly #rejects: BatchRejects;
  readonly #missing: string[] = [];
  readonly #damaged: string[] = [];
  /** Numbers of the missing and damaged files: they may have lines. */
  readonly #leftOut: number[] = [];
  #records = 0;

  constructor(context: ReadContext, dataset: OpenDataset, work: Work) {
    const { intake, batch } = work.id;
    this.#context = context;
    this.#dataset = dataset;
    this.#work = work;
    this.#data = dataColumns(dataset.definition, work.module.columns);
    this.#attempt = context.newId();
    this.#place = batchDirectory(dataset.files.at, intake, batch, this.#attempt);
    this.#lines = new RowFiles(work.directory);
    this.#rejects = new BatchRejects(batch, dataset.definition.maxRejects);
  }

  async read(): Promise<BatchResult> {
    const { files, id, plan } = this.#work;
    for (const [number, file] of files.entries()) await this.#readFile(number, file);
    if (plan.reread?.range !== undefined) await this.#refuseMoved(plan.reread.range, plan.reread.outside);
    const partitions = await this.#upload(await this.#write());
    return {
      ...{ version: 1, intake: id.intake, batch: id.batch, attempt: this.#attempt },
      code: this.#context.code.version,
      columns: this.#data.columns.map(({ name, type }) => ({ name, type: typeText(type) })),
      missing: this.#missing,
      damaged: this.#damaged,
      partitions,
      records: this.#records,
      rejects: await this.#rejects.keep(this.#dataset.files, this.#place, this.#context.signal),
    };
  }

  async #readFile(number: number, file: RawFile): Promise<void> {
    const { signal, nowMs, onRecords } = this.#context;
    const context = {
      ...{ dataset: this.#dataset, module: this.#work.module, lines: this.#lines, nowMs, signal },
      onRecords: (records: number) => onRecords(this.#records + records),
    };
    try {
      const { records, rows, rejects } = await readRawFile(context, number, file);
      this.#records += records;
      this.#rejects.add(rejects);
      this.#rows.add(number, rows);
    } catch (error) {
      if (!(error instanceof Gone || error instanceof NotDecompressed)) throw error;
      this.#leaveOut(number, file, error);
    }
  }

  /** @throws Terminal `RebuildRefused` if the batch belongs to a rebuild of some days: it reads all of its files */
  #leaveOut(number: number, { key }: RawFile, error: Gone | NotDecompressed): void {
    if (this.#work.plan.reread?.range !== undefined)
      throw new Terminal('RebuildRefused', `Nothing was rebuilt: ${key}: ${error.message}.`);
    this.#leftOut.push(number);
    if (error instanceof Gone) this.#missing.push(key);
    else {
      this.#damaged.push(key);
      this.#rejects.add([{ file: key, line: 0, reason: error.message, raw: '' }]);
    }
  }

  /** @throws Terminal `RebuildRefused` if a partition that is not rebuilt would gain or lose records */
  async #refuseMoved(range: DayRange, outside: NonNullable<IntakePlan['reread']>['outside']): Promise<void> {
    const read = this.#rows.outside(this.#work.files, { range, outside });
    await refuseMoved(this.#dataset.files, read, this.#context.signal);
  }

  /** The rows in Parquet, on the local disk. */
  async #write(): Promise<readonly BatchFile[]> {
    const { engine, signal } = this.#context;
    const { columns } = this.#data;
    const { directory } = this.#work;
    const rowFiles = await this.#lines.finish();
    if (rowFiles.length === 0) return [];
    return engine.writeRows({ columns, rowFiles, leftOut: this.#leftOut, directory }, { signal });
  }

  /** What each partition gets: rows, and the files that have none there any more. */
  async #upload(written: readonly BatchFile[]): Promise<BatchResult['partitions']> {
    const { code, signal } = this.#context;
    const { files, plan } = this.#work;
    const without = new Set([...this.#missing, ...this.#damaged]);
    const inputs = this.#rows.inputs(files, { plan, code: code.version, without });
    const local = new Map(written.map((file) => [file.partition, file]));
    const partitions: BatchResult['partitions'] = [];
    for (const [partition, own] of inputs) {
      const found = local.get(partition);
      if (found === undefined) {
        partitions.push({ partition, inputs: own });
        continue;
      }
      const key = `${this.#place}${partitions.length}.parquet`;
      const file = await upload(this.#dataset.files.store, found.path, key, signal);
      partitions.push({ partition, file: { ...file, rows: found.rows }, inputs: own });
    }
    return partitions;
  }
}
