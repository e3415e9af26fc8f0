import type { Marker } from '../load/marker.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { nameLists } from '../sql/name-lists.ts';
import { isBackupName, isUndoneBackup } from '../staging/staging.ts';
import type { Relation } from './live-state.ts';

/** A schema that may be a backup, with its contents and its marker, if it has one. */
export interface BackupCandidate {
  readonly name: string;
  readonly relations: readonly Relation[];
  readonly marker: Marker | undefined;
}

/**
 * The backups to drop because there are more than `keepBackups`. Only backups whose markers name this pipeline count,
 * because another pipeline's live schema may also be called `<schema>__…`. The newest data is kept, and backups that
 * were rolled back are dropped first. An empty schema that this run found live and renamed is always dropped.
 */
export function backupsToDrop<Candidate extends BackupCandidate>(
  schema: string,
  { pipeline, run }: Marker,
  candidates: readonly Candidate[],
  keepBackups: number,
): Candidate[] {
  const backups = candidates.filter(({ name }) => isBackupName(schema, name));
  const empty = backups.filter(
    ({ name, relations }) => relations.length === 0 && name.startsWith(`${schema}__${run}_backup`),
  );
  return [...empty, ...backupsOf(schema, pipeline, backups).slice(keepBackups)];
}

/** The backups of a pipeline's live schema, according to their markers: the newest data first, rolled-back ones last. */
export function backupsOf<Candidate extends BackupCandidate>(
  schema: string,
  pipeline: string,
  candidates: readonly Candidate[],
): (Candidate & { readonly marker: Marker })[] {
  const isOwn = (one: Candidate): one is Candidate & { readonly marker: Marker } =>
    isBackupName(schema, one.name) && one.marker?.pipeline === pipeline;
  const undone = ({ name, marker }: BackupCandidate) =>
    Number(marker !== undefined && isUndoneBackup(schema, marker.run, name));
  return candidates
    .filter(isOwn)
    .sort((a, b) => undone(a) - undone(b) || extracted(b) - extracted(a) || (a.name < b.name ? 1 : -1));
}

/**
 * Finds the backup that a swap made, if the attempt died before it could record that. After a rollback, that is a backup
 * that was rolled back; otherwise, it never is one. Of several, it is the one with the newest data.
 * @param replaced the run that was live, if known
 */
export function backupMade<Candidate extends BackupCandidate>(
  schema: string,
  pipeline: string,
  candidates: readonly Candidate[],
  { undone, replaced }: { readonly undone: boolean; readonly replaced?: string | undefined },
): Candidate | undefined {
  return backupsOf(schema, pipeline, candidates).find(
    ({ name, marker }) =>
      isUndoneBackup(schema, marker.run, name) === undone && (replaced ?? marker.run) === marker.run,
  );
}

/**
 * Drops a schema and its contents: views, then tables, then the schema. Each DROP has RESTRICT, so that it fails if
 * another schema's view still reads a table. Run it after the swap's commit, never inside it, because readers that still
 * use the old tables would fail. Each statement names many tables, so that almost every schema fits into one
 * transaction. A schema that is half dropped may have lost its marker, and would never be found again.
 */
export function dropSchema(schema: string, relations: readonly Relation[]): string[] {
  const drops = (kind: Relation['kind'], word: string) =>
    nameLists(
      relations.filter((each) => each.kind === kind).map(({ name }) => qualified(schema, name)),
      MAX_LIST_BYTES,
    ).map((list) => `DROP ${word} IF EXISTS ${list} RESTRICT`);
  return [
    ...drops('view', 'VIEW'),
    ...drops('table', 'TABLE'),
    `DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} RESTRICT`,
  ];
}

/** The longest list of names in one statement: two fit into a batch. */
const MAX_LIST_BYTES = 40_000;

const extracted = ({ marker }: BackupCandidate) => Date.parse(marker?.extractedFrom ?? '') || 0;
