/** What the function of a step gets. */
export interface StepContext {
  /** The day or month: `2026-11-01`, `2026-11`. */
  readonly partition: string;
  readonly timezone: string;
  /** The time for which the partition is built; `new Date()` gives the same. */
  readonly now: Date;
  /** By dataset: its rows, sorted by all columns. Each loop reads them again. */
  readonly inputs: Readonly<Record<string, AsyncIterable<StepRow>>>;
}

/** A row of an input, by the names of its columns. */
export type StepRow = Readonly<Record<string, StepValue>>;

/** A value of an input, exactly: a bigint is a bigint; decimals, dates and timestamps are text. */
export type StepValue = string | bigint | number | boolean | Uint8Array | null;
