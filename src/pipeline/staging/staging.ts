/** The names of the schemas beside a live one. `run` is a run's name: lower-case letters, digits and `_`. */

const UNDONE = '_undone';

/** A staging schema: of one run alone, a new generation for each time it is loaded from the beginning. */
interface StagingName {
  readonly run: string;
  /** From 1. */
  readonly generation: number;
}

/** `nobel__20261121t062033z_1f0c22_1`. */
export function stagingName(schema: string, { run, generation }: StagingName): string {
  return `${schema}__${run}_${generation}`;
}

/** Undefined for what is not a staging schema of this live one. */
export function parseStagingName(schema: string, name: string): StagingName | undefined {
  const match = name.startsWith(`${schema}__`)
    ? /^(.+)_([1-9]\d{0,8})$/.exec(name.slice(schema.length + 2))
    : null;
  return match === null ? undefined : { run: match[1] as string, generation: Number(match[2]) };
}

/** The run's staging schemas among `schemas`, the newest first. */
export function stagingSchemas(schema: string, run: string, schemas: readonly string[]): string[] {
  return schemas
    .map((name) => ({ name, parsed: parseStagingName(schema, name) }))
    .filter(({ parsed }) => parsed?.run === run)
    .sort((a, b) => (b.parsed?.generation ?? 0) - (a.parsed?.generation ?? 0))
    .map(({ name }) => name);
}

/**
 * The schema that keeps what was live, named by the run whose data it holds: `nobel__<run>_backup`, with 2, 3, …
 * after it where that name is taken. What was rolled back from is `nobel__<run>_undone_backup`: the first to be
 * dropped, and never what a rollback chooses by itself.
 */
export function backupName(
  schema: string,
  run: string,
  schemas: readonly string[],
  undone: boolean = false,
): string {
  const plain = `${schema}__${run}${undone ? UNDONE : ''}_backup`;
  const taken = new Set(schemas);
  let name = plain;
  for (let n = 2; taken.has(name); n++) name = `${plain}${n}`;
  return name;
}

/** Whether a backup that holds this run was rolled back from. */
export function isUndoneBackup(schema: string, run: string, name: string): boolean {
  return name.startsWith(`${schema}__${run}${UNDONE}_backup`);
}

/** Whether a schema's name is a backup's of this live one. Whose it is, only its marker tells. */
export function isBackupName(schema: string, name: string): boolean {
  return name.startsWith(`${schema}__`) && /_backup\d*$/.test(name);
}
