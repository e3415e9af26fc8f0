import type { RedshiftType } from '../columns/redshift-type.ts';
import type { Key } from '../item/key.ts';
import type { Marker } from '../load/marker.ts';
import type { Position, StoredPosition } from '../load/positions.ts';

/** One COPY of an apply: rows of one table with the same columns. */
export interface ApplyCopy {
  /** The key of COPY's manifest, with the body `copyManifestBody`. */
  readonly manifestKey: string;
  /** Names of the columns, in the order of the fields. Other columns get their default. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** The keys of the files that the manifest lists, for messages about rows that COPY refuses. */
  readonly files?: readonly string[];
}

/** A table of the schema, and what the apply does to it. */
export interface ApplyTable {
  readonly name: string;
  /** Its key columns, in the order of `ApplyPlan.key`. */
  readonly key: readonly { readonly name: string; readonly type: RedshiftType }[];
  readonly copies: readonly ApplyCopy[];
}

/** Everything that the statements of one apply depend on. Data: SQL is made from it at the last moment. */
export interface ApplyPlan {
  /** Live, or a run's staging schema. */
  readonly schema: string;
  /** The schema's marker, which the transaction locks and guards on. */
  readonly marker: Marker;
  /** The schema belongs to a run that is not live yet: it has to be verified, and is `following` from then on. */
  readonly isStaging?: boolean;
  /** Random id of the execution; written to the positions, and guarded before COMMIT. */
  readonly attempt: string;
  /** The schema's positions when the apply was planned: the guard. */
  readonly before: readonly StoredPosition[];
  /** The rows of `before` that change, and new ones. */
  readonly after: readonly Position[];
  /** The source table's key. */
  readonly key: Key;
  /**
   * The keys whose rows leave all tables, each once: the manifest of a file of `keyLine`s with the columns
   * `keyColumns(key, tables)`. No file is needed if there are none.
   */
  readonly keys: {
    readonly manifestKey: string;
    readonly count: number;
    /** How many of them are set aside: without any, a statement less. Absent if that was not counted. */
    readonly setAside?: number;
  };
  /** All tables of the schema, the root first. */
  readonly tables: readonly ApplyTable[];
  readonly bucket: string;
  /** What means NULL in the files. */
  readonly nullText: string;
  readonly compression: 'zstd' | 'gzip';
  /** An ARN, a chain of ARNs, or `default`. */
  readonly iamRole: string;
  readonly region?: string | undefined;
}
