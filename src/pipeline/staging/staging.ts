/** The names of the schemas that accompany a live one. `run` is a run's name: lower-case letters, digits and `_`. */

const UNDONE = '_undone';

/** A staging schema belongs to one run. Each time the run is loaded from the beginning, there is a new generation. */
interface StagingName {
  readonly run: string;
  /** From 1. */
  readonly generation: number;
}

/** `nobel__20261121t062033z_1f0c22_1`. */
export function stagingName(schema: string, { run, generation }: StagingName): string {
  return `${schema}__${run}_${generation}`;
}

/** Parses the name of a staging schema; undefined if it is not one of this live schema's. */
export function parseStagingName(schema: string, name: string): StagingName | undefined {
  const match = name.startsWith(`${schema}__`)
    ? /^(.+)_([1-9]\d{0,8})$/.exec(name.slice(schema.length + 2))
    : null;
  return match === null ? undefined : { run: match[1] as string, generation: Number(match[2]) };
}

/** The run's staging schemas among `schemas`, the newest generation first. */
export function stagingSchemas(schema: string, run: string, schemas: readonly string[]): string[] {
  return schemas
    .map((name) => ({ name, parsed: parseStagingName(schema, name) }))
    .filter(({ parsed }) => parsed?.run === run)
    .sort((a, b) => (b.parsed?.generation ?? 0) - (a.parsed?.generation ?? 0))
    .map(({ name }) => name);
}

/**
 * The name of the schema that keeps what was live, after the run whose data it holds: `nobel__<run>_backup`, followed by
 * 2, 3, … if that is taken. A schema that was rolled back is named `nobel__<run>_undone_backup`: it is dropped first, and
 * a rollback never chooses it by default.
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

/** Whether this backup of a run is one that was rolled back. */
export function isUndoneBackup(schema: string, run: string, name: string): boolean {
  return name.startsWith(`${schema}__${run}${UNDONE}_backup`);
}

/** Whether the name is that of a backup of this live schema. Only its marker shows which pipeline it belongs to. */
export function isBackupName(schema: string, name: string): boolean {
  return name.startsWith(`${schema}__`) && /_backup\d*$/.test(name);
}
