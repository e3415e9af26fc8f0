import type { FailedCheck } from '../pipeline/datasets/derived/step-checks.ts';
import type { TableColumn } from '../pipeline/datasets/parquet/column-type.ts';
import type { FileSizes } from '../pipeline/datasets/parquet/file-plan.ts';
import type { MergeInput } from '../pipeline/datasets/parquet/merge-sql.ts';
import type { TextRows } from '../pipeline/datasets/parquet/text-sql.ts';
import type { CallOptions } from './object-store.ts';

/**
 * Exactly what Tributary needs of an engine for Parquet files. All paths are absolute and local. The engine reads the
 * files it is given, and writes only to the directory of the call, which exists, is empty except for such files, and
 * belongs to the caller. Each call has a process for itself, with bounded memory; aborting its signal ends that
 * process. What a failed call wrote is worthless.
 *
 * Every method throws Terminal or Transient: the engine is not installed, ran out of memory or space, or was lost.
 */
export interface TableEngine {
  /**
   * Files of row lines (`rowLine`) to one Parquet file per partition that has rows, each with the column `_tributary_input`. Rows are
   * in no order.
   */
  writeRows(request: WriteRows, options?: CallOptions): Promise<readonly BatchFile[]>;
  /** The rows of a partition's next generation: what it has, without what was overwritten, with what is new. */
  mergePartition(request: MergePartition, options?: CallOptions): Promise<MergedPartition>;
  /** What identifies the rows of data files, whatever their order, and however files split them. */
  contentOf(request: ContentRequest, options?: CallOptions): Promise<Content>;
  /** The result of one SELECT over the given files and nothing else. Leaving the loop ends the query. */
  query(request: TableQuery, options?: CallOptions): AsyncIterable<QueryRows>;
  /** The partitions that a query reads, so that only their files are fetched: those that its conditions do not rule out. */
  partitionsRead(request: PartitionQuery, options?: CallOptions): Promise<PartitionsRead>;
  /** The parse tree of SQL, as DuckDB's `json_serialize_sql` writes it; of text that is not SQL, the error. */
  parseTree(request: ParseRequest, options?: CallOptions): Promise<string>;
  /**
   * Runs a step: one SELECT over its tables, into one sorted Parquet file with the declared columns. It reads the given files and
   * nothing else. The same rows give the same file.
   */
  derive(request: DeriveRequest, options?: CallOptions): Promise<DerivedFile>;
  /** Rows of Parquet files as text, one line each, in a total order. The same rows give the same text. */
  writeText(request: TextRequest, options?: CallOptions): Promise<WrittenText>;
  /** Which queries over `result` return rows. */
  check(request: CheckRequest, options?: CallOptions): Promise<readonly FailedCheck[]>;
}

export interface TextRequest extends TextRows {
  /** Where files go. */
  readonly directory: string;
  /** With `filePer`: if it has more values, no rows are written. */
  readonly maxGroups?: number;
}

export interface WrittenText {
  readonly path: string;
  /** With `filePer`: each value, and the number of its lines, in their order. */
  readonly groups?: string;
  /** With `filePer`, if it has more values than may be: how many. */
  readonly tooManyGroups?: number;
}

/** Rows of data files, as the table `result`. */
export interface CheckRequest {
  readonly columns: readonly TableColumn[];
  readonly files: readonly string[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  /** For temporary files. */
  readonly directory: string;
}

export interface ParseRequest {
  readonly sql: string;
  /** For temporary files. */
  readonly directory: string;
}

export interface DeriveRequest extends TableQuery {
  /** Declared, in their order. */
  readonly columns: readonly TableColumn[];
  /** Queries over the same tables and `result`, which must return no rows. */
  readonly checks?: readonly { readonly name: string; readonly sql: string }[];
}

export interface DerivedFile {
  /** Absent if there are no rows. */
  readonly path?: string;
  readonly content: Content;
  readonly failedChecks: readonly FailedCheck[];
}

export interface WriteRows {
  readonly columns: readonly TableColumn[];
  readonly rowFiles: readonly RowFile[];
  /** Inputs whose rows are not wanted. */
  readonly leftOut?: readonly number[];
  /** Where files go. */
  readonly directory: string;
}

/** Row lines of one partition. */
export interface RowFile {
  readonly partition: string;
  readonly path: string;
}

export interface BatchFile {
  readonly partition: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface MergePartition extends MergeInput {
  readonly directory: string;
  readonly sizes?: FileSizes;
}

export interface MergedPartition {
  /** Indexes of the existing files that are copied as they are, with their side files. */
  readonly kept: readonly number[];
  readonly written: readonly DataFile[];
  /** Rows that lost against another; in place of all earlier files of duplicates. */
  readonly duplicates: { readonly path: string; readonly rows: number } | undefined;
  /** Of the kept and the written files together, as `contentOf` has it. */
  readonly content: Content;
}

export interface DataFile {
  readonly path: string;
  /** Parquet with the column `input`: of each row of the data file, the number of its input. */
  readonly sidePath: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface ContentRequest {
  readonly columns: readonly TableColumn[];
  readonly files: readonly string[];
  /** For temporary files. */
  readonly directory: string;
}

/** Equal for equal rows. */
export interface Content {
  readonly columnsId: string;
  readonly rows: number;
  /** Sums of the first and last eight bytes of each row's MD5, as unsigned integers, the least byte first. */
  readonly sums: readonly [string, string];
}

export interface TableQuery {
  readonly sql: string;
  readonly tables: Readonly<Record<string, QueriedTable>>;
  /** For temporary files. */
  readonly directory: string;
}

interface QueriedColumns {
  readonly columns: readonly TableColumn[];
  /** Columns that are in the path, not in the files. */
  readonly partitionColumns: readonly TableColumn[];
}

export interface QueriedTable extends QueriedColumns {
  readonly partitions: readonly QueriedPartition[];
}

export interface PartitionQuery {
  readonly sql: string;
  /** With the values of the partition columns, in their order, of each partition. */
  readonly tables: Readonly<
    Record<string, QueriedColumns & { readonly partitions: readonly (readonly string[])[] }>
  >;
  /** For temporary files. */
  readonly directory: string;
}

/** By table, the indexes of the partitions. */
export type PartitionsRead = Readonly<Record<string, readonly number[]>>;

interface QueriedPartition {
  /** Of the partition columns, in their order, as text. */
  readonly values: readonly string[];
  readonly files: readonly string[];
}

export interface QueryRows {
  readonly columns: readonly string[];
  /** Of the columns, as the engine names them: `BIGINT`, `DECIMAL(10,2)`. */
  readonly types: readonly string[];
  /** Exact texts, such as all digits of a decimal; null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}
