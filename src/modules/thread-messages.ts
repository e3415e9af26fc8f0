import type { DatasetDefinition } from '../pipeline/datasets/definition.ts';
import type { DayRange } from '../pipeline/datasets/documents.ts';
import type { Days } from '../pipeline/datasets/partitions/partition-rule.ts';
import type { ColumnType } from '../pipeline/datasets/records/column-type.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { Cell } from '../pipeline/datasets/records/record-row.ts';
import type { WholeLines } from '../pipeline/datasets/records/whole-lines.ts';

/** What makes lines of rows: the settings of a dataset. */
export interface LineRules {
  readonly partition: DatasetDefinition['partition'];
  /** Absent: all days. Rows of other days have no lines, but are counted. */
  readonly range?: DayRange | undefined;
}

/** What a module's thread starts with. */
export interface ThreadStart {
  readonly code: string;
  /** Its name in stack traces. */
  readonly file: string;
  readonly timezone: string;
  /** Blocks can be read as lines. */
  readonly lines?: LineRules | undefined;
  /** One number: the index of the record that is being read. It survives the thread. */
  readonly progress: SharedArrayBuffer;
}

/** A column as other threads can have it: without its functions. */
export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment?: string;
  readonly isComputed: boolean;
}

interface ReadRow {
  /** Of the record in its block, from 0. */
  readonly index: number;
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** A record without a row. */
export interface RejectedRecord {
  /** Of the record in its block, from 0. */
  readonly index: number;
  readonly line: number;
  /** It quotes no value. */
  readonly reason: string;
  /** What a function threw, or why a text is no JSON: it may quote values. */
  readonly detail?: string;
  /** The text of the record, of a long one the beginning. */
  readonly raw: string;
}

export interface ReadBlock {
  readonly rows: readonly ReadRow[];
  readonly rejects: readonly RejectedRecord[];
}

/** A block as lines for the engine, so that no cells are copied between threads. */
export interface LineBlock {
  /** Lines of `rowLine`, as UTF-8: those of one partition after those of another. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Of each partition: where its lines end in the text. */
  readonly ends: Int32Array;
  /** Of each row: the index of its record in the block. */
  readonly indexes: Int32Array;
  /** Of each row: the index of its partition. */
  readonly owners: Int32Array;
  readonly partitions: readonly string[];
  readonly rejects: readonly RejectedRecord[];
  /** How many there are in the block, rejects included. */
  readonly records: number;
  /** The first of the lines, counted from 0, that is no record: what follows was not read. */
  readonly refused?: number;
}

/** What lines have beside their rows. */
export interface LineContext {
  /** The number of the file that the records are from. */
  readonly input: number;
  /** That records may have. */
  readonly days: Days;
}

/** A block to read; as lines for the engine if there is a context. */
export type ToThread =
  | { readonly records: readonly RawRecord[]; readonly context?: LineContext }
  | { readonly lines: WholeLines; readonly context: LineContext };
export type FromThread =
  | { readonly columns: readonly DescribedColumn[] }
  | { readonly unusable: string }
  | { readonly block: ReadBlock | LineBlock };
