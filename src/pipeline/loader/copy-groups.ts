import { compareBytes } from '../sql/identifier.ts';
import { compressionOf, type FileCompression } from './compression.ts';
import type { FileFormat } from './file-format.ts';
import type { SourceFile } from './source-file.ts';

/** A column of a file, as the file names it. */
export interface FoundColumn {
  readonly name: string;
  /** The Redshift type that holds its values, if the table should get it. */
  readonly type: string;
}

/** What was found in a file before it is loaded. */
export interface InspectedFile {
  readonly file: SourceFile;
  readonly format: FileFormat;
  /** In the file's order; of JSON, in byte order. */
  readonly columns: readonly FoundColumn[];
}

/** A column of the files of a group, and what it fills. */
export interface GroupColumn extends FoundColumn {
  /** The table's column, or the name that it would have there: in lower case. */
  readonly column: string;
}

/** Files that one COPY loads: of one loader, with the same columns in the same order, compressed alike. */
export interface CopyGroup {
  readonly loader: string;
  readonly format: FileFormat;
  readonly compression: FileCompression;
  readonly columns: readonly GroupColumn[];
  readonly files: readonly SourceFile[];
}

/**
 * The column that a file's column fills. Redshift folds A to Z, and no other letter, to lower case. Keys of JSON match
 * exactly, unless the loader says `auto ignorecase`.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json
 */
export function columnNameOf(format: FileFormat, name: string): string {
  const isExact = format.kind === 'json' && format.paths === 'auto';
  return isExact ? name : foldedName(name);
}

/** Whether COPY finds the keys of JSON by the names of columns, and not by a JSONPaths file, which has an order. */
export const matchesByName = ({ paths }: Extract<FileFormat, { kind: 'json' }>): boolean =>
  paths === 'auto' || paths === 'auto ignorecase';

export const foldedName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Groups files for COPY: in a fixed order, so that every attempt makes the same groups. */
export function copyGroups(inspected: readonly InspectedFile[]): CopyGroup[] {
  const groups = new Map<string, CopyGroup & { readonly files: SourceFile[] }>();
  for (const { file, format, columns } of withUnitedKeys(inspected)) {
    const compression = compressionOf(format, file.key);
    const id = JSON.stringify([file.loader, compression, columns.map(({ name }) => name)]);
    const group = groups.get(id);
    if (group !== undefined) {
      group.files.push(file);
      continue;
    }
    const named = columns.map((each) => ({ ...each, column: columnNameOf(format, each.name) }));
    groups.set(id, { loader: file.loader, format, compression, columns: named, files: [file] });
  }
  return [...groups].sort(([a], [b]) => compareBytes(a, b)).map(([, group]) => group);
}

/** COPY finds JSON's keys by name, so the files of a loader need one list: all keys that any of them has. */
function withUnitedKeys(inspected: readonly InspectedFile[]): readonly InspectedFile[] {
  const united = new Map<string, Map<string, FoundColumn>>();
  for (const { file, format, columns } of inspected) {
    if (format.kind !== 'json' || !matchesByName(format)) continue;
    const keys = united.get(file.loader) ?? new Map<string, FoundColumn>();
    for (const column of columns) {
      const before = keys.get(column.name);
      // A key that holds an object anywhere needs SUPER.
      if (before === undefined || column.type === 'super') keys.set(column.name, column);
    }
    united.set(file.loader, keys);
  }
  return inspected.map((each) => {
    const keys = united.get(each.file.loader);
    if (each.format.kind !== 'json' || keys === undefined) return each;
    return { ...each, columns: [...keys.values()].sort((a, b) => compareBytes(a.name, b.name)) };
  });
}
