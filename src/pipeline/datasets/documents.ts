import { z } from 'zod';
import { Texts } from './text-files.ts';

/** The JSON documents of a dataset; dataset-directory.ts has their keys. */

const count = z.number().int().nonnegative();

/** A raw file. Its identity is key and ETag: overwritten with other bytes it is another file. */
export const RawFile = z.object({
  key: z.string(),
  /** Without quotes. */
  etag: z.string(),
  bytes: count,
  /** When it was last modified, by S3's clock. ISO 8601, UTC. */
  modified: z.string(),
});
export type RawFile = z.infer<typeof RawFile>;

/** Days, both included: `2026-11-01`. */
export const DayRange = z.object({ from: z.iso.date(), to: z.iso.date() });
export type DayRange = z.infer<typeof DayRange>;

const Reread = z.object({
  /** Only rows of these days are replaced. Every other day must have the same records of the files as before. */
  range: DayRange.optional(),
  /** They were read with an earlier record module, and wait: no operator asked for them. */
  isWaiting: z.literal(true).optional(),
  /** With `range`: the partitions of other days that have rows of the files. */
  outside: z.array(z.object({ key: z.string(), partitions: z.array(z.string()) })),
});

/** `plan.json`: the files that a run takes. */
export const IntakePlan = z.object({
  version: z.literal(1),
  intake: z.number().int().positive(),
  /** Random id of the execution that wrote it. */
  attempt: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  plannedAt: z.string(),
  /** The version of the record module and the definition. */
  code: z.string(),
  /** Of a rebuild: the id of the workflow that reads it. If that ends before, nothing of it is published. */
  owner: z.string().optional(),
  /** Its files were taken before, and are read again: their rows replace the earlier ones. */
  reread: Reread.optional(),
  batches: z.array(z.object({ number: count, files: z.array(RawFile) })),
  /** Files that were taken before, and the partitions that have rows of them: most under another ETag. */
  overwritten: z.array(
    z.object({
      key: z.string(),
      partitions: z.array(z.string()),
      /** Under the same one: the index was set back. */
      again: z.literal(true).optional(),
    }),
  ),
});
export type IntakePlan = z.infer<typeof IntakePlan>;

/** An object that was written, and is read only if it is still that one. */
export const WrittenFile = z.object({ key: z.string(), etag: z.string(), bytes: count, rows: count });
export type WrittenFile = z.infer<typeof WrittenFile>;

/** A raw file of which a partition has rows, or of which it has none any more. */
export const Input = RawFile.extend({
  /** The intake that took it: of two versions of a key, the one with the later intake is the newer. */
  intake: z.number().int().positive(),
  /** Rows of the file that belong to the partition, before duplicates are removed. */
  rows: count,
  /** The version of the module that made its rows. */
  code: z.string(),
  /** Which of the file's records they are: equal for equal sets. */
  records: z.string().optional(),
  /** The intake read the file again: its rows replace those of an earlier intake, even of the same bytes. */
  reread: z.literal(true).optional(),
});
export type Input = z.infer<typeof Input>;

/** An input with the number by which rows name it: within a batch, or within a partition. */
export const NumberedInput = Input.extend({ number: count });
export type NumberedInput = z.infer<typeof NumberedInput>;

/** `batch-<number>.json`: what reading a batch's files gave. */
export const BatchResult = z.object({
  version: z.literal(1),
  intake: z.number().int().positive(),
  batch: count,
  /** Random id of the execution that wrote it and its files. */
  attempt: z.string(),
  code: z.string(),
  /** Of its files of rows: names, and types as the configuration writes them. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  /** Files that were no longer there under their ETag: they are not taken. */
  missing: z.array(z.string()),
  /** Files that cannot be decompressed. They are set aside whole, once; the rows of their earlier versions stay. */
  damaged: z.array(z.string()).default([]),
  partitions: z.array(
    z.object({
      partition: z.string(),
      /** Absent if no rows remain, only inputs whose earlier version had some. */
      file: WrittenFile.optional(),
      /** Each with the number by which the file's rows name it. */
      inputs: z.array(NumberedInput),
    }),
  ),
  records: count,
  rejects: z.object({ count, file: z.object({ key: z.string(), etag: z.string() }).optional() }),
  /** Why the batch was given up when its run ended. It has no rows then, and the next run takes its files. */
  parked: z.object({ code: z.string(), error: z.string() }).optional(),
});
export type BatchResult = z.infer<typeof BatchResult>;

/** A record that was set aside, as it is kept: one line of `rejects.jsonl.zst`. */
export const KeptReject = z.object({
  /** The key of its file. */
  file: z.string(),
  /** 0: the whole file, because it cannot be decompressed. */
  line: count,
  /** It quotes no value. */
  reason: z.string(),
  /** What a function threw, or why a text is no JSON: it may quote values. */
  detail: z.string().optional(),
  /** The text of the record, of a long one the beginning. */
  raw: z.string(),
});
export type KeptReject = z.infer<typeof KeptReject>;

/** `open.json`: where listing of intakes begins. It may be behind: it saves requests only. */
export const IntakeMark = z.object({
  version: z.literal(1),
  /** All intakes below it are closed. */
  from: z.number().int().positive(),
});
export type IntakeMark = z.infer<typeof IntakeMark>;

/** `late.json`: when rows for late days were published last. ISO 8601, UTC. */
export const LatePass = z.object({ version: z.literal(1), at: z.string() });
export type LatePass = z.infer<typeof LatePass>;

/** `listed.json`: when a listing of the whole source began last that was completed. ISO 8601, UTC. */
export const WholeListing = z.object({ version: z.literal(1), at: z.string() });
export type WholeListing = z.infer<typeof WholeListing>;

/** `pruned.json`: when what nothing needs was deleted last. ISO 8601, UTC. */
export const Pruned = z.object({
  version: z.literal(1),
  at: z.string(),
  /** The batch files of all intakes up to this one are deleted. */
  intake: count,
});
export type Pruned = z.infer<typeof Pruned>;

/** `closed.json`: every partition that the intake touches names its files, and its files are in the index. */
export const IntakeClosed = z.object({
  version: z.literal(1),
  closedAt: z.string(),
  /** Why nothing of it is published, if nothing is. */
  abandoned: z.string().optional(),
});
export type IntakeClosed = z.infer<typeof IntakeClosed>;

/** What a partition's rows are, whatever the files: equal rows have equal content. */
const Content = z.object({
  /** The id of columns and types. */
  columnsId: z.string(),
  rows: count,
  /** Sums of the halves of each row's MD5, modulo 2^64. */
  sums: z.tuple([z.string(), z.string()]),
  /** The SHA-256 of the text, if there are no other files. */
  text: z.string().optional(),
});

/** A data file, and beside it, of each of its rows the number of its input. */
export const DataFile = WrittenFile.extend({ side: WrittenFile.omit({ rows: true }) });
export type DataFile = z.infer<typeof DataFile>;

/** `gen-<number>-<id>.json`: all that a generation of a partition holds. */
export const Generation = z.object({
  version: z.literal(1),
  partition: z.string(),
  generation: z.number().int().positive(),
  /** Random id of the attempt that wrote it. */
  id: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  builtAt: z.string(),
  inputs: z.array(NumberedInput),
  /** What the next new input is numbered. A number is never given to another one. */
  nextInput: count,
  files: z.array(DataFile),
  /** Of the data files: names, and types as the configuration writes them. A file may lack some. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Rows that another row with their key displaces. They come back if that row's file is overwritten without it. */
  duplicates: WrittenFile.optional(),
  /** By which rule duplicates were removed; absent: by none. */
  deduplicate: z.object({ key: z.array(z.string()), newest: z.string().optional() }).optional(),
  content: Content,
});
export type Generation = z.infer<typeof Generation>;

/** What of a generation its readers need, whatever it was built from. */
export const PublishedGeneration = Generation.pick({
  version: true,
  partition: true,
  generation: true,
  id: true,
  builtAt: true,
  columns: true,
  content: true,
}).extend({
  files: z.array(WrittenFile),
  /** Of a derived partition that has text files. */
  texts: Texts.optional(),
});
export type PublishedGeneration = z.infer<typeof PublishedGeneration>;

/** `built-<id>.json`: what a derived partition was built from. */
export const BuildRecord = z.object({
  version: z.literal(1),
  /** Random id of the attempt that built it. */
  id: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  builtAt: z.string(),
  /** The time for which it was built. */
  for: z.string(),
  /** The version of the step, and its text, if it is SQL. */
  code: z.string(),
  sql: z.string().optional(),
  /** Where the step ran, if not in DuckDB. */
  engine: z.literal('redshift').optional(),
  inputs: z.array(
    z.object({
      dataset: z.string(),
      /** The day or month of its partition. */
      partition: z.string(),
      generation: count,
      id: z.string(),
      /** The record of what it was built from itself. */
      record: z.string().optional(),
      /** What its rows were. */
      version: z.string(),
      /** Its changes make no partition stale. */
      isReference: z.boolean(),
      /** It is a table of the warehouse, as a whole. */
      isTable: z.literal(true).optional(),
    }),
  ),
  /** Checks of severity `warn` that did not hold. */
  warnings: z.array(z.string()),
  /** Of a fetched partition: what was received. */
  responses: z
    .array(z.object({ url: z.string(), status: count, key: z.string(), etag: z.string(), bytes: count }))
    .optional(),
});
export type BuildRecord = z.infer<typeof BuildRecord>;

/** `approved.json`: the version of a step whose partitions may all be rebuilt. */
export const Approval = z.object({ version: z.literal(1), code: z.string(), approvedAt: z.string() });
export type Approval = z.infer<typeof Approval>;

/** `current.json`: the generation that readers see. */
export const Pointer = z.object({
  version: z.literal(1),
  /** Counts up, so that the object is never the same bytes again. */
  revision: z.number().int().positive(),
  generation: z.number().int().positive(),
  id: z.string(),
  publishedAt: z.string(),
  content: Content,
  /** Of a derived partition: what it was built from. */
  built: z
    .object({
      /** The version of the step. */
      code: z.string(),
      /** A hash of all versions of its inputs. */
      inputs: z.string(),
      /** The id of its record. */
      record: z.string(),
      /** A hash of the keys, sizes and ETags of its files. */
      files: z.string(),
      /** How long its build took, by the worker's clock, in milliseconds. */
      took: count.optional(),
      /** This version of the step has given other rows of the same inputs before. */
      unstable: z.literal(true).optional(),
    })
    .optional(),
  /** Of a derived partition that has text files. */
  texts: Texts.optional(),
});
export type Pointer = z.infer<typeof Pointer>;

/** `pointers.json`: each pointer of a dataset, with the ETag that it had. It can be lost. */
export const PointerIndex = z.object({
  version: z.literal(1),
  pointers: z.array(z.object({ partition: z.string(), etag: z.string(), pointer: Pointer })),
});
export type PointerIndex = z.infer<typeof PointerIndex>;

/** `taken.json`: which files of a folder were taken. Derived from the plans: it can be lost, set back and set forward. */
export const Taken = z.object({
  version: z.literal(1),
  files: z.array(
    RawFile.extend({
      intake: z.number().int().positive(),
      /** Those that may have rows of it. */
      partitions: z.array(z.string()),
      /** An operator set the index back: the next run looks at the file again, and adds no row twice. */
      again: z.literal(true).optional(),
      /** An operator left it out: it has no rows. */
      skipped: z.literal(true).optional(),
    }),
  ),
});
export type Taken = z.infer<typeof Taken>;
