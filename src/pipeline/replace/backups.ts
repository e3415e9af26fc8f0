import type { Marker } from '../load/marker.ts';
import { byteLength, qualified, quoteIdentifier } from '../sql/identifier.ts';
import { isBackupName, isUndoneBackup } from '../staging/staging.ts';
import type { Relation } from './live-state.ts';

/** A schema that may be a backup: what is in it, and its marker where it has one. */
export interface BackupCandidate {
  readonly name: string;
  readonly relations: readonly Relation[];
  readonly marker: Marker | undefined;
}

/**
 * The backups beyond those to keep: of this pipeline and this live schema only, as their markers say, for
 * another pipeline's live schema may be called `<schema>__…` as well. The newest data is kept, and what was rolled
 * back from goes first. An empty schema that this run found live and renamed is no backup worth keeping.
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

/** The backups of a pipeline's live schema as their markers tell: the newest data first, what was rolled back from last. */
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
 * The backup that a swap made, where the attempt that made it died before it knew: of a rollback what was rolled back
 * from, else never such a one, whatever its data's age. Of several the one with the newest data.
 * @param replaced the run that was live, where that is known
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
 * Drops a schema and what is in it: views, then tables, then the schema, each with RESTRICT, so that what
 * somebody else's view still reads is refused and not torn away. After the swap's commit, never inside it: a
 * reader still on the old tables would fail. A statement names many tables, so that nearly every schema goes in one
 * transaction: of one half dropped the marker would be gone, and nobody would ever find the rest.
 */
export function dropSchema(schema: string, relations: readonly Relation[]): string[] {
  const drops = (kind: Relation['kind'], word: string) =>
    inLists(relations.filter((each) => each.kind === kind).map(({ name }) => qualified(schema, name))).map(
      (list) => `DROP ${word} IF EXISTS ${list} RESTRICT`,
    );
  return [
    ...drops('view', 'VIEW'),
    ...drops('table', 'TABLE'),
    `DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} RESTRICT`,
  ];
}

/** Longest list of names in one statement: two fit into a batch. */
const MAX_LIST_BYTES = 40_000;

/** Names behind commas, in as few lists as the Data API's limits allow. */
function inLists(names: readonly string[]): string[] {
  const lists: string[] = [];
  for (const name of names) {
    const longer = lists.length === 0 ? name : `${lists.at(-1)}, ${name}`;
    if (lists.length > 0 && byteLength(longer) <= MAX_LIST_BYTES) lists[lists.length - 1] = longer;
    else lists.push(name);
  }
  return lists;
}

const extracted = ({ marker }: BackupCandidate) => Date.parse(marker?.extractedFrom ?? '') || 0;
