import type { GuardedStatement } from '../sql/guarded-statement.ts';
import type { MergeRule, Target } from './target.ts';

/** One file of a batch. Its identity is bucket, key and ETag. */
export interface BatchFile {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Where COPY reads it instead, if it was copied on condition of its ETag, as an append requires. */
  readonly copiedTo?: { readonly bucket: string; readonly key: string } | undefined;
}

/** A column of files. */
export interface FileColumn {
  /** As the files name it. */
  readonly name: string;
  /** The column of the target that it goes to; undefined: it is read and left out. */
  readonly column?: string | undefined;
  /**
   * The type that COPY reads it as. Default: the target column's or, without one, VARCHAR(65535). Parquet needs it where
   * the file's type is another than the column's, e.g. `decimal(12,3)`: COPY converts no Parquet types.
   */
  readonly type?: string | undefined;
}

/** Files of a batch with the same columns, which one COPY loads. */
export interface FileGroup {
  readonly format: 'csv' | 'text' | 'json' | 'parquet';
  /**
   * In the order of the files' fields. JSON has no order; with `auto`, COPY looks for keys by the names of the columns, so
   * list only columns of the target and the one that marks deletes; with a JSONPaths file, in the order of its paths.
   */
  readonly columns: readonly FileColumn[];
  /** COPY's options in SQL, e.g. `FORMAT AS CSV`, `IGNOREHEADER 1`, `GZIP`. Role, region and manifest are added. */
  readonly copyOptions: readonly string[];
  /** The key of COPY's manifest, with the body `batchManifestBody(files of the group)`. */
  readonly manifestKey: string;
}

/** Everything that the statements of one batch depend on. */
export interface BatchLoad {
  readonly target: Target;
  /** Absent: rows are appended. */
  readonly merge?: MergeRule | undefined;
  readonly batch: number;
  /** Identifies the attempt that writes, in the table of batches. */
  readonly attempt: string;
  /** The version in the target's lock row (`lockQuery`) when the batch was planned. */
  readonly version: number;
  /** The target's `tableId` (`targetQuery`), which the lock row must have, too. */
  readonly tableId: number;
  /** Every file once: a manifest that lists a file twice loads it twice. */
  readonly files: readonly BatchFile[];
  /** Earlier files that a replacement makes unnecessary. They are never loaded. */
  readonly superseded?: readonly BatchFile[] | undefined;
  readonly groups: readonly FileGroup[];
  /** The bucket of manifests and of the list of files. */
  readonly bucket: string;
  /** The key of the list of files, with the body `fileListBody(load)`; required if `needsFileList(load)`. */
  readonly fileListKey?: string | undefined;
  /** An ARN, a chain of ARNs, or `default`. */
  readonly iamRole: string;
  readonly region?: string | undefined;
  /** `--replace`: a condition in SQL; the rows that meet it are deleted first. */
  readonly replace?: string | undefined;
}

/** What a guard makes sure of: if its statement fails, the batch did nothing. */
type Guard =
  /** No other writer was here since the batch was planned, and the lock row belongs to this table: plan again. */
  | 'version'
  /** The ledger has none of the files: ask it again. */
  | 'files'
  /** Every value fits its column exactly: park the batch; `inexactValues` finds the value. */
  | 'values'
  /** Every row is stored exactly once: a fault of ours or of the warehouse. */
  | 'rows'
  /** The target is the table, with the columns, that the batch was planned for: plan again. */
  | 'table';

/** One statement of a batch’s transaction. */
export type Statement = GuardedStatement<Guard>;
