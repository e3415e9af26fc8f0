/** Tributary's own tables in every schema it creates. Renaming the schema moves them along. */

/** Has one row: the pipeline, the run, and when the data was extracted. */
export const MARKER_TABLE = '_tributary_marker';
/** Has one row per loaded file. */
export const LEDGER_TABLE = '_tributary_ledger';

export const isSystemTable = (name: string) => name === MARKER_TABLE || name === LEDGER_TABLE;
