import type { RecordModule } from '../../../modules/record-module.ts';
import type { KeptReject, RawFile } from '../../../pipeline/datasets/documents.ts';
import { daysOf } from '../../../pipeline/datasets/partitions/partition-rule.ts';
import { RecordSet } from '../../../pipeline/datasets/partitions/record-set.ts';
import { rawBytes } from '../../../store/datasets/raw-bytes.ts';
import { type FilePart, fileParts } from '../../../store/records/file-parts.ts';
import type { OpenDataset } from '../open-dataset.ts';
import type { RowFiles } from './row-files.ts';

export interface ReadingContext {
  readonly dataset: OpenDataset;
  readonly module: RecordModule;
  /** Gets the lines of rows. */
  readonly lines: RowFiles;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  /** Called with the number of records that were read of the file. */
  readonly onRecords: (records: number) => void;
}

/** What the records of a file are. */
export interface ReadRecords {
  readonly records: number;
  /** By partition: which of them have rows there. */
  readonly rows: ReadonlyMap<string, RecordSet>;
  readonly rejects: readonly KeptReject[];
}

/**
 * Reads a raw file, part by part. If it throws, lines of it may have been written.
 * @param number by which its rows name it
 * @throws Gone, NotDecompressed
 */
export async function readRawFile(
  context: ReadingContext,
  number: number,
  file: RawFile,
): Promise<ReadRecords> {
  const { dataset, signal } = context;
  const reading = new FileReading(context, number, file);
  for await (const part of fileParts(rawBytes(dataset.source.store, file, signal))) {
    signal.throwIfAborted();
    await reading.take(part);
    context.onRecords(reading.records);
  }
  return reading;
}

class FileReading implements ReadRecords {
  readonly rows = new Map<string, RecordSet>();
  readonly rejects: KeptReject[] = [];
  /** The place of the next record in the file. */
  records = 0;
  readonly #context: ReadingContext;
  readonly #number: number;
  readonly #file: RawFile;

  constructor(context: ReadingContext, number: number, file: RawFile) {
    this.#context = context;
    this.#number = number;
    this.#file = file;
  }

  async take(part: FilePart): Promise<void> {
    const { module, dataset, nowMs } = this.#context;
    const { partition, bounds } = dataset.definition;
    const context = { input: this.#number, days: daysOf(bounds, partition.timezone, nowMs()) };
    if ('records' in part) {
      await this.#takeRows(await module.readLines(part.records, context));
      this.records += part.records.length;
      return;
    }
    const { parts, records, refused } = await module.readWholeLines(part.lines, context);
    await this.#takeRows(parts);
    this.records += records;
    if (refused !== undefined) part.refuse(refused);
  }

  async #takeRows(parts: Awaited<ReturnType<RecordModule['readLines']>>): Promise<void> {
    for (const part of parts) {
      for (const { line, reason, detail, raw } of part.rejects)
        this.rejects.push({
          ...{ file: this.#file.key, line, reason },
          ...(detail === undefined ? {} : { detail }),
          raw,
        });
      if (part.block === undefined) continue;
      const { indexes, owners, partitions } = part.block;
      const sets = partitions.map((partition) => this.#setOf(partition));
      for (const [i, index] of indexes.entries()) sets[owners[i]!]!.add(this.records + part.first + index);
      await this.#context.lines.add(part.block);
    }
  }

  #setOf(partition: string): RecordSet {
    const known = this.rows.get(partition) ?? new RecordSet();
    this.rows.set(partition, known);
    return known;
  }
}
