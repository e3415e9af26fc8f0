import type { ObjectStore } from '../../clients/object-store.ts';
import { columnNameOf, type FoundColumn } from '../../pipeline/loader/copy-groups.ts';
import type { FileFormat } from '../../pipeline/loader/file-format.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { isNullField } from '../../pipeline/loader/null-field.ts';
import type { SourceFile } from '../../pipeline/loader/source-file.ts';
import { headerColumns, jsonColumns } from './source-header.ts';
import { sourceRows } from './source-rows.ts';
import { SourceChanged } from './source-text.ts';

/** A row that a batch set aside, as its file has it. */
export interface SetAsideRow {
  readonly file: SourceFile;
  /** From 1. */
  readonly line: number;
  /** The columns of the key, or `newest`, that are NULL. */
  readonly missing: readonly string[];
  /** The row's values by column. */
  readonly values: ReadonlyMap<string, string>;
}

/** A file whose rows cannot be read any more, or never by lines. */
export interface UnreadFile {
  readonly file: SourceFile;
  readonly why: 'overwritten' | 'gone' | 'parquet' | 'unknown loader';
}

interface Reading {
  /** The store of a bucket. */
  store(bucket: string): ObjectStore;
  /** The loaders of the table by name. */
  readonly loaders: Readonly<Record<string, LoaderDefinition>>;
  /** Names of the table's columns in order, for files without a header. */
  readonly columns: readonly string[];
  /** Columns of the table that hold text: elsewhere, an empty field is NULL. */
  readonly textColumns: ReadonlySet<string>;
}

/**
 * Finds the rows of a batch that were set aside, because their key or `newest` is NULL: COPY does not tell which file a row
 * came from, so the files are read again. Stop iterating when there are enough.
 */
export async function* setAsideRows(
  reading: Reading,
  files: readonly SourceFile[],
  signal: AbortSignal,
): AsyncGenerator<SetAsideRow | UnreadFile> {
  for (const file of files) {
    if (file.bytes === 0) continue;
    const definition = reading.loaders[file.loader];
    if (definition?.merge === undefined) {
      yield { file, why: 'unknown loader' };
      continue;
    }
    const { format, merge } = definition;
    if (format.kind === 'parquet') {
      yield { file, why: 'parquet' };
      continue;
    }
    const needed = [...new Set([...merge.key, merge.newest])];
    const store = reading.store(file.bucket);
    try {
      const found = await columnsOf(store, file, format, reading.columns, signal);
      const columns = found.map(({ name }) => ({ name, column: columnNameOf(format, name) }));
      for await (const { line, values } of sourceRows(store, file, { format, columns }, signal)) {
        const missing = needed.filter((column) =>
          isNullField(format, values.get(column), reading.textColumns.has(column)),
        );
        if (missing.length > 0) yield { file, line, missing, values };
      }
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error;
      yield { file, why: error.how === 'missing' ? 'gone' : 'overwritten' };
    }
  }
}

type LineFormat = Exclude<FileFormat, { kind: 'parquet' }>;

async function columnsOf(
  store: ObjectStore,
  file: SourceFile,
  format: LineFormat,
  ofTable: readonly string[],
  signal: AbortSignal,
): Promise<readonly Pick<FoundColumn, 'name'>[]> {
  if (format.kind === 'json') return jsonColumns(store, file, format, signal);
  if (format.header) return headerColumns(store, file, format, signal);
  return (format.columns ?? ofTable).map((name) => ({ name }));
}
