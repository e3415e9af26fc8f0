/** What happened to a file. `in a batch`: the batch waits to be loaded, or is being loaded. */
export const FILE_STATES = [
  'waiting',
  'in a batch',
  'parked',
  'loaded',
  'already loaded',
  'overwritten',
  'gone',
  'read while overwritten',
  'too old',
  'empty',
  'skipped',
  'superseded',
] as const;
export type FileState = (typeof FILE_STATES)[number];
