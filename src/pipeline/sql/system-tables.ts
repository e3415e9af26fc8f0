/** Tributary's own tables in every schema it makes. They travel with the schema's rename. */

/** One row: which pipeline, which run, extracted when. */
export const MARKER_TABLE = '_tributary_marker';
/** One row for each file loaded. */
export const LEDGER_TABLE = '_tributary_ledger';

export const isSystemTable = (name: string) => name === MARKER_TABLE || name === LEDGER_TABLE;
