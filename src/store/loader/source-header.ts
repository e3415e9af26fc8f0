import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { compressionOf } from '../../pipeline/loader/compression.ts';
import { type FoundColumn, foldedName } from '../../pipeline/loader/copy-groups.ts';
import { DelimitedRows } from '../../pipeline/loader/delimited-rows.ts';
import type { FileFormat } from '../../pipeline/loader/file-format.ts';
import { JsonKeys, TEXT_TYPE } from '../../pipeline/loader/json-keys.ts';
import { JsonObjects } from '../../pipeline/loader/json-objects.ts';
import { count } from '../../pipeline/text/measures.ts';
import { type ReadFile, sourceText } from './source-text.ts';

/** 1,600 columns of 127 bytes are 200 KB. */
const MAX_HEADER_CHARACTERS = 1024 * 1024;

export type TextFormat = Extract<FileFormat, { kind: 'csv' | 'text' }>;
export type JsonFormat = Extract<FileFormat, { kind: 'json' }>;

export const rowsOf = (format: TextFormat) =>
  new DelimitedRows(
    format.kind === 'csv'
      ? { delimiter: format.delimiter, quote: format.quote }
      : {
          delimiter: format.delimiter,
          escape: format.escape,
          ...(format.removeQuotes ? { quote: '"' } : {}),
        },
  );

/**
 * The columns that a file's first line names. An empty file has none.
 * @throws Terminal `FileUnreadable` if it names none, or one twice; SourceChanged
 */
export async function headerColumns(
  store: ObjectStore,
  file: ReadFile,
  format: TextFormat,
  signal: AbortSignal,
): Promise<FoundColumn[]> {
  const at = `s3://${store.bucket}/${file.key}`;
  const names = await firstRow(store, file, format, signal);
  if (names === undefined) return [];
  const folded = names.map((name) => foldedName(name.trim()));
  const empty = folded.indexOf('');
  if (empty >= 0) {
    throw new Terminal(
      'FileUnreadable',
      `Column ${empty + 1} of ${count(names.length)} has no name in the first line of ${at}. Name it, or set ` +
        '`format.header: false` and list `format.columns` if the files have no header.',
    );
  }
  const twice = folded.find((name, n) => folded.indexOf(name) !== n);
  if (twice !== undefined) {
    throw new Terminal(
      'FileUnreadable',
      `The first line of ${at} names column ${twice} twice, so it is not known which one is meant.`,
    );
  }
  return names.map((name) => ({ name: name.trim(), type: TEXT_TYPE }));
}

async function firstRow(
  store: ObjectStore,
  file: ReadFile,
  format: TextFormat,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const rows = rowsOf(format);
  let characters = 0;
  for await (const text of sourceText(store, file, compressionOf(format, file.key), signal)) {
    const [first] = rows.push(text);
    if (first !== undefined) return first.fields;
    characters += text.length;
    if (characters > MAX_HEADER_CHARACTERS) {
      throw new Terminal(
        'FileUnreadable',
        `The first line of s3://${store.bucket}/${file.key} has not ended after 1 MB: it is not a header of column names.`,
      );
    }
  }
  return rows.end()[0]?.fields;
}

/** The keys of all objects in a file, with the types of columns for them. Reads the whole file. @throws SourceChanged */
export async function jsonColumns(
  store: ObjectStore,
  file: ReadFile,
  format: JsonFormat,
  signal: AbortSignal,
): Promise<FoundColumn[]> {
  const objects = new JsonObjects();
  const keys = new JsonKeys();
  for await (const text of sourceText(store, file, compressionOf(format, file.key), signal)) {
    for (const object of objects.push(text)) keys.take(object.text);
  }
  return keys.columns();
}
