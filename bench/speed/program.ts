/** One of the programs that are measured. It is a process of its own that copies one table after another. */
export interface Program {
  readonly name: ProgramName;
  /** The number of cores that it may use. */
  readonly cores: number;
  readonly pid: number;
  /** The memory of a worker that has not copied anything yet. */
  readonly idleMegabytes?: number;
  /** Copies the table to S3. @throws if the program fails */
  copy(table: string): Promise<Copied>;
  stop(): Promise<void>;
}

export const PROGRAMS = ['tributary', 'first-written', 'dlt'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** What a program says that it copied. */
interface Copied {
  readonly items: number;
  /** The rows of all tables. */
  readonly rows: number;
}
