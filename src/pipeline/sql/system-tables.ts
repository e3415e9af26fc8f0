/** Tributary's own tables. Renaming the schema moves them along. */

/** Has one row: the pipeline, the run, and when the data was extracted. In every schema that Tributary creates. */
export const MARKER_TABLE = '_tributary_marker';
/** Has one row per loaded file. In every schema that Tributary creates. */
export const LEDGER_TABLE = '_tributary_ledger';

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
  name === MARKER_TABLE || name === LEDGER_TABLE || BESIDE_NAME.test(name);
