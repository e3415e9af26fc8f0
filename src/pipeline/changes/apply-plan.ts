import type { Marker } from '../load/marker.ts';
import type { Position } from '../load/positions.ts';

/** One COPY of an apply: rows of one table with the same columns. */
export interface ApplyCopy {
  /** The key of COPY's manifest. */
  readonly manifestKey: string;
  /** Names of the columns, in the order of the fields. */
  readonly columns: readonly string[];
  readonly rows: number;
}

/** A table of the schema, and what the apply does to it. */
export interface ApplyTable {
  readonly name: string;
  /** The names of its key columns, in the order of `ApplyPlan.key`. */
  readonly key: readonly string[];
  readonly copies: readonly ApplyCopy[];
}

/** A key whose newest image cannot be written exactly, or whose change an operator skipped. */
export interface SetAsideEntry {
  /** SHA-256 of the key as canonical JSON, in hexadecimal: the key itself may be what does not fit. */
  readonly keyHash: string;
  readonly epoch: string;
  readonly shard: string;
  readonly checkpoint: number;
  readonly reason: string;
}

/** Everything that the statements of one apply depend on. Data: SQL is made from it at the last moment. */
export interface ApplyPlan {
  /** Live, or a run's staging schema. */
  readonly schema: string;
  /** The schema's marker, which the transaction locks and guards on. */
  readonly marker: Marker;
  /** Random id of the execution; written to the positions, and guarded before COMMIT. */
  readonly attempt: string;
  /** The schema's positions when the apply was planned: the guard. */
  readonly before: readonly Position[];
  /** The rows of `before` that change, and new ones. */
  readonly after: readonly Position[];
  /** The root's key columns: name and type in SQL. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
  /** The keys whose rows leave all tables: a COPY of their columns and the key's hash, named `_key_hash`. */
  readonly keys: { readonly manifestKey: string; readonly count: number };
  /** All tables of the schema, the root first. */
  readonly tables: readonly ApplyTable[];
  readonly setAside: readonly SetAsideEntry[];
  readonly bucket: string;
  /** What means NULL in the files. */
  readonly nullText: string;
  readonly compression: 'zstd' | 'gzip';
  readonly iamRole: string;
  readonly region?: string | undefined;
}
