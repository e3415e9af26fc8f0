import type { ObjectStore } from '../../clients/object-store.ts';
import { compressionOf } from '../../pipeline/loader/compression.ts';
import type { CopyGroup } from '../../pipeline/loader/copy-groups.ts';
import { JsonObjects } from '../../pipeline/loader/json-objects.ts';
import { bareEtag, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchFile } from '../../pipeline/merge/batch-load.ts';
import { rowsOf } from '../../store/source-header.ts';
import { type ReadFile, sourceText } from '../../store/source-text.ts';
import type { OpenBatch } from './open-batch.ts';

/** A row of a file: its texts by column of the table, or by the file's own names where the table has no such column. */
export interface FileRow {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

/** Where COPY read a file: the copy that an append took, or the file itself. */
export interface ReadableFile extends ReadFile {
  readonly store: ObjectStore;
  readonly file: SourceFile;
}

/** The files of a group as they were read. One that is gone or overwritten is left out. */
export async function readableFiles(
  open: OpenBatch,
  group: CopyGroup,
  read: readonly BatchFile[],
): Promise<ReadableFile[]> {
  const byId = new Map(read.map((file) => [fileId(file), file]));
  const readable: ReadableFile[] = [];
  for (const file of group.files) {
    const copy = byId.get(fileId(file))?.copiedTo;
    if (copy === undefined) {
      const { key, etag, bytes } = file;
      readable.push({ store: open.deps.store(file.bucket), file, key, etag, bytes });
      continue;
    }
    const head = await open.store.head(copy.key, { signal: open.signal });
    if (head === undefined) continue;
    readable.push({ store: open.store, file, key: copy.key, etag: bareEtag(head.etag), bytes: head.bytes });
  }
  return readable;
}

/**
 * The rows of a file of text or JSON, in order; those of Parquet cannot be read here. Memory is bounded by one row.
 * @throws SourceChanged
 */
export async function* rowsIn(
  group: CopyGroup,
  { store, ...file }: ReadableFile,
  signal: AbortSignal,
): AsyncGenerator<FileRow> {
  const { format, columns } = group;
  if (format.kind === 'parquet') return;
  const text = sourceText(store, file, compressionOf(format, file.file.key), signal);
  if (format.kind === 'json') {
    yield* objectsIn(group, text);
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

async function* objectsIn({ columns }: CopyGroup, text: AsyncIterable<string>): AsyncGenerator<FileRow> {
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
    parsed = JSON.parse(object, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    ) as object;
  } catch {
    return [];
  }
  return Object.entries(parsed).flatMap(([key, value]: [string, unknown]) =>
    value === null ? [] : [[key, typeof value === 'string' ? value : JSON.stringify(value)] as const],
  );
}
