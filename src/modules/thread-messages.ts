import type { ColumnType } from '../pipeline/datasets/records/column-type.ts';
import type { RawRecord } from '../pipeline/datasets/records/raw-records.ts';
import type { Cell } from '../pipeline/datasets/records/record-row.ts';

/** What a module's thread starts with. */
export interface ThreadStart {
  readonly code: string;
  /** Its name in stack traces. */
  readonly file: string;
  readonly timezone: string;
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

export type ToThread = readonly RawRecord[];
export type FromThread =
  | { readonly columns: readonly DescribedColumn[] }
  | { readonly unusable: string }
  | { readonly block: ReadBlock };
