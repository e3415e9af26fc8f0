import { Terminal } from '../../clients/errors.ts';
import {
  type CopyGroup,
  columnNameOf,
  foldedName,
  type GroupColumn,
  matchesByName,
} from '../../pipeline/loader/copy-groups.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { addressOf, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { FileColumn } from '../../pipeline/merge/batch-load.ts';
import { type ColumnType, columnType } from '../../pipeline/merge/column-type.ts';
import { type AddableColumns, addableColumns } from '../../pipeline/merge/new-column-names.ts';
import { type MergeRule, type Target, type TargetColumn, typeOf } from '../../pipeline/merge/target.ts';
import { counted } from '../../pipeline/text/measures.ts';

/** How the columns of files and table go together. */
export interface Matched {
  /** Columns of files that the table does not have, with the types that would hold them, by name. */
  readonly newColumns: readonly TargetColumn[];
  /** Others that it does not have, and why they cannot be added. */
  readonly unfitColumns: AddableColumns<TargetColumn>['others'];
  /** Keys of JSON that can fill no column, because they are not in lower case and `paths` is `auto`. */
  readonly unmatchedKeys: readonly string[];
}

type Settings = Pick<LoaderDefinition, 'merge' | 'onDrift'>;

/**
 * Compares the columns of files with those of the table.
 * @throws Terminal `FileUnreadable` if a first line is no header of this table, `FilesDrifted` if the files lack a column
 *   that the merge needs
 */
export function matchColumns(groups: readonly CopyGroup[], target: Target, { merge }: Settings): Matched {
  const names = namesOf(target);
  const added = new Map<string, TargetColumn>();
  const unmatchedKeys = new Set<string>();
  for (const group of groups) {
    refuseNoHeader(group, target, names);
    refuseMissing(group, target, merge);
    for (const { name, column, type } of group.columns) {
      if (isMarker(merge, name)) refuseUnreadMarker(group, name);
      else if (names.has(column)) continue;
      else if (foldedName(column) !== column) unmatchedKeys.add(name);
      else if (added.get(column)?.type !== 'super') added.set(column, { name: column, type });
    }
  }
  const found = [...added.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { addable, others } = addableColumns(found, target.columns.length);
  return { newColumns: addable, unfitColumns: others, unmatchedKeys: [...unmatchedKeys].sort() };
}

const namesOf = ({ columns }: Target) => new Set(columns.map(({ name }) => name));

/** Whether a column of files only says which rows are deletes. */
const isMarker = (merge: MergeRule | undefined, name: string) =>
  merge?.deletes !== undefined && foldedName(merge.deletes.column) === foldedName(name);

/** With `auto`, COPY would not find a key with capitals, and every delete would be taken for a row. */
function refuseUnreadMarker({ files, format }: CopyGroup, name: string) {
  if (columnNameOf(format, name) === foldedName(name)) return;
  throw new Terminal(
    'FilesDrifted',
    `${firstOf(files)} ${files.length === 1 ? 'marks' : 'mark'} deletes with the key ${name}, which COPY does not find, ` +
      'because columns are in lower case: set `format.paths: auto ignorecase`.',
  );
}

/** COPY skips the first line, whatever it is. Without a header, that would be a row. */
function refuseNoHeader({ format, columns, files }: CopyGroup, target: Target, names: ReadonlySet<string>) {
  if (!('header' in format && format.header) || columns.some(({ column }) => names.has(column))) return;
  const shown = columns.slice(0, 5).map(({ name }) => JSON.stringify(name.slice(0, 60)));
  throw new Terminal(
    'FileUnreadable',
    `The first line of ${firstOf(files)} names no column of ${target.schema}.${target.table}: ${shown.join(', ')}. If ` +
      'it is a row, set `format.header: false`: a header is not loaded, so that row would be lost.',
  );
}

function refuseMissing({ columns, files }: CopyGroup, target: Target, merge: MergeRule | undefined) {
  if (merge === undefined) return;
  const filled = new Set(columns.map(({ column }) => column));
  const missing = [...new Set([...merge.key, merge.newest])].filter((name) => !filled.has(name));
  if (missing.length === 0) return;
  const inOtherCase = columns.find(
    ({ name, column }) => name === column && missing.includes(foldedName(name)),
  );
  throw new Terminal(
    'FilesDrifted',
    `${firstOf(files)} ${files.length === 1 ? 'has' : 'have'} no column ${missing.join(', ')}, so the rows cannot be ` +
      `merged into ${target.schema}.${target.table}. ` +
      (inOtherCase === undefined
        ? 'Write the files again with it, or skip the batch.'
        : `They have ${inOtherCase.name}: set \`format.paths: auto ignorecase\` to match keys in any case.`),
  );
}

/** `s3://landing/a.csv`, or that of the first of several. */
function firstOf(files: readonly Pick<SourceFile, 'bucket' | 'key'>[]): string {
  const address = addressOf(files[0]!);
  return files.length < 2 ? address : `${address} and ${counted(files.length - 1, 'other file')}`;
}

/** COPY reads a Parquet column only as the type that it has there. A text fits any column of text, if it is short enough. */
function asStored(type: string, target: ColumnType): { readonly type?: string } {
  const stored = columnType(type);
  const isText = stored.kind === 'character' && (target.kind === 'character' || target.kind === 'char');
  // COPY reads times as either type, and nested values and texts as SUPER.
  const isRead = isText || target.kind === 'super' || target.sql === 'timestamptz';
  return isRead || stored.sql === target.sql ? {} : { type };
}

/** The columns of a group as its temporary table has them. */
export function stagedOf(group: CopyGroup, target: Target, merge: MergeRule | undefined): FileColumn[] {
  const names = namesOf(target);
  const taken = new Set<string>();
  const isTaken = (column: string) => taken.size === taken.add(column).size;
  return group.columns.flatMap(({ name, column, type }: GroupColumn): FileColumn[] => {
    const isKnown = names.has(column);
    if (group.format.kind === 'json' && matchesByName(group.format)) {
      // COPY looks for the keys of the temporary table's columns, and for no others.
      if (!(isKnown || isMarker(merge, name)) || isTaken(column)) return [];
      return [isKnown ? { name, column } : { name }];
    }
    if (!isKnown) return [{ name, type }];
    if (group.format.kind !== 'parquet') return [{ name, column }];
    return [{ name, column, ...asStored(type, typeOf(target, column)) }];
  });
}
