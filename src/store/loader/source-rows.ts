import type { ObjectStore } from '../../clients/object-store.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { compressionOf } from '../../pipeline/loader/compression.ts';
import type { GroupColumn } from '../../pipeline/loader/copy-groups.ts';
import type { FileFormat } from '../../pipeline/loader/file-format.ts';
import { JsonObjects } from '../../pipeline/loader/json-objects.ts';
import { rowsOf } from './source-header.ts';
import { type ReadFile, sourceText } from './source-text.ts';

/** A row of a file: its texts by column of the table, or by the file's own names where the table has no such column. */
export interface FileRow {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

/** How a file's rows are read. */
export interface RowsToRead {
  readonly format: FileFormat;
  /** In the file's order. */
  readonly columns: readonly Pick<GroupColumn, 'name' | 'column'>[];
  /** The key that the file had before it was copied: its ending may say how it is compressed. */
  readonly originalKey?: string;
}

/**
 * The rows of a file of text or JSON, in order; those of Parquet cannot be read here. Memory is bounded by one row.
 * @throws SourceChanged
 */
export async function* sourceRows(
  store: ObjectStore,
  file: ReadFile,
  { format, columns, originalKey = file.key }: RowsToRead,
  signal: AbortSignal,
): AsyncGenerator<FileRow> {
  if (format.kind === 'parquet') return;
  const text = sourceText(store, file, compressionOf(format, originalKey), signal);
  if (format.kind === 'json') {
    yield* objectsIn(columns, text);
    return;
  }
  const rows = rowsOf(format);
  const firstLine = format.header ? 2 : 1;
  const rowOf = ({
    line,
    fields,
  }: {
    readonly line: number;
    readonly fields: readonly string[];
  }): FileRow => ({
    line,
    values: new Map(
      columns.flatMap(({ column }, n) => (fields[n] === undefined ? [] : [[column, fields[n]] as const])),
    ),
  });
  for await (const piece of text) {
    for (const row of rows.push(piece)) if (row.line >= firstLine) yield rowOf(row);
  }
  for (const row of rows.end()) if (row.line >= firstLine) yield rowOf(row);
}

async function* objectsIn(
  columns: RowsToRead['columns'],
  text: AsyncIterable<string>,
): AsyncGenerator<FileRow> {
  const columnOf = new Map(columns.map(({ name, column }) => [name, column]));
  const objects = new JsonObjects();
  for await (const piece of text) {
    for (const { line, text: object } of objects.push(piece)) {
      const values = membersOf(object);
      yield { line, values: new Map(values.map(([key, value]) => [columnOf.get(key) ?? key, value])) };
    }
  }
}

/** The members of an object that are not null, as texts. Empty if it is not JSON. */
function membersOf(object: string): (readonly [string, string])[] {
  let parsed: object;
  try {
    // Numbers as they are written: COPY reads all their digits.
    parsed = parseExactly(object, (written) => written) as object;
  } catch {
    return [];
  }
  return Object.entries(parsed).flatMap(([key, value]: [string, unknown]) =>
    value === null ? [] : [[key, typeof value === 'string' ? value : JSON.stringify(value)] as const],
  );
}
