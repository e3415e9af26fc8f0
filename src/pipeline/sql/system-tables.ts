/** Tributary's own tables. Renaming the schema moves them along. */

/** Has one row: the pipeline, the run, and when the data was extracted. In every schema that Tributary creates. */
export const MARKER_TABLE = '_tributary_marker';
/** Has one row per loaded file. In every schema that Tributary creates. */
export const LEDGER_TABLE = '_tributary_ledger';
/** Has one row per shard of the change log. In every schema of a pipeline that follows changes, as are the next two. */
export const POSITIONS_TABLE = '_tributary_positions';
/** Has one row per key whose newest image cannot be written exactly, or whose change was skipped. */
export const SET_ASIDE_TABLE = '_tributary_set_aside';
/** Has one row: how far a run's schema has come. */
export const STATE_TABLE = '_tributary_state';

/** Has one row per partition of the derived datasets whose tables are in the schema. */
export const PARTITIONS_TABLE = '_tributary_partitions';

/** The tables of a schema that belong to Tributary. */
export const SCHEMA_TABLES: readonly string[] = [
  MARKER_TABLE,
  LEDGER_TABLE,
  POSITIONS_TABLE,
  SET_ASIDE_TABLE,
  STATE_TABLE,
];

/**
 * A loader keeps one table of each kind beside its target table:
 *
 * - `lock`: one row, which every writer of the target locks; it holds a version number.
 * - `files`: the loader's ledger, one row per file.
 * - `batches`: one row per loaded batch.
 * - `tombstones`: deleted keys, and how new their deletes are.
 * - `set_aside`: rows without a key, or without a value to order them by.
 */
export const BESIDE_KINDS = ['lock', 'files', 'batches', 'tombstones', 'set_aside'] as const;
export type BesideKind = (typeof BESIDE_KINDS)[number];

/** What the names of these tables begin with: `_tributary_lock_`. */
export const besidePrefix = (kind: BesideKind) => `_tributary_${kind}_`;

const BESIDE_NAME = new RegExp(`^(?:${BESIDE_KINDS.map(besidePrefix).join('|')})(?:_|x_)`);

export const isSystemTable = (name: string) =>
  SCHEMA_TABLES.includes(name) || name === PARTITIONS_TABLE || BESIDE_NAME.test(name);
