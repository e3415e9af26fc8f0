import type { TableColumn } from '../pipeline/datasets/parquet/column-type.ts';

/** What a step's thread and its activity say to each other. */

export interface StepStart {
  readonly code: string;
  /** Its name in stack traces. */
  readonly file: string;
  /** The day or month. */
  readonly partition: string;
  readonly timezone: string;
  /** The time for which it is built, in milliseconds since 1970: the only one that the function sees. */
  readonly nowMs: number;
  /** By dataset: the columns of its rows. */
  readonly inputs: Readonly<Record<string, readonly TableColumn[]>>;
  /** Declared. */
  readonly columns: readonly TableColumn[];
}

/** Rows as the engine gives them: exact texts, in the order of the columns. */
export type StepRows = readonly (readonly (string | null)[])[];

export type FromStep =
  /** The next rows of an input, for one of the loops over it. */
  | { readonly kind: 'want'; readonly loop: number; readonly input: string }
  /** A loop was left. */
  | { readonly kind: 'left'; readonly loop: number }
  /** Lines of rows, as UTF-8. The thread waits until they are written. */
  | { readonly kind: 'lines'; readonly text: Uint8Array }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed' | 'unusable'; readonly message: string };

export type ToStep =
  /** undefined: there are no more. */
  | { readonly kind: 'rows'; readonly loop: number; readonly rows: StepRows | undefined }
  | { readonly kind: 'written' };
