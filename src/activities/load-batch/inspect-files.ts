import { Terminal } from '../../clients/errors.ts';
import {
  columnNameOf,
  type FoundColumn,
  foldedName,
  type InspectedFile,
  matchesByName,
} from '../../pipeline/loader/copy-groups.ts';
import { TEXT_TYPE } from '../../pipeline/loader/json-keys.ts';
import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { bareEtag, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { addableColumns } from '../../pipeline/merge/new-column-names.ts';
import type { Target } from '../../pipeline/merge/target.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { headerColumns, jsonColumns } from '../../store/loader/source-header.ts';
import { SourceChanged } from '../../store/loader/source-text.ts';
import type { OpenBatch } from './open-batch.ts';
import type { WantedColumn } from './prepare-target.ts';
import { outcomeOf } from './unloaded-files.ts';

/** Most of the time is S3's latency. Of a file of which only the start or the end is read, little is held in memory. */
const AT_ONCE = { inPart: 32, whole: 8 };

/** What files have, and those that no longer are what was announced. */
export interface Inspected {
  readonly files: readonly InspectedFile[];
  readonly others: readonly FileOutcome[];
}

/**
 * Finds out which columns files have before COPY reads them: COPY matches columns of text by position alone, and ignores
 * keys of JSON that the table does not have.
 * @param onFile called after each file
 * @throws Terminal `FileUnreadable`, `UnknownLoader`
 */
export async function inspectFiles(
  open: OpenBatch,
  target: Pick<Target, 'columns'>,
  files: readonly SourceFile[],
  onFile: () => void,
): Promise<Inspected> {
  const found = new Map<SourceFile, InspectedFile | FileOutcome>();
  await forEachLimited(
    files,
    files.some((file) => formatOf(open, file).kind === 'json') ? AT_ONCE.whole : AT_ONCE.inPart,
    async (file, signal) => {
      found.set(file, await inspect(open, target, file, signal));
      onFile();
    },
    open.signal,
  );
  // In the order of the batch, so that every attempt makes the same statements.
  const all = files.map((file) => found.get(file)!);
  return {
    files: all.flatMap((each) => ('file' in each ? [each] : [])),
    others: all.flatMap((each) => ('file' in each ? [] : [each])),
  };
}

/** An empty file has no columns, whatever its format: it is not read. */
async function inspect(
  open: OpenBatch,
  target: Pick<Target, 'columns'>,
  announced: SourceFile,
  signal: AbortSignal,
): Promise<InspectedFile | FileOutcome> {
  const file = announced.bytes > 0 ? announced : await withSize(open, announced, signal);
  if ('outcome' in file) return file;
  if (file.bytes === 0) return { file, format: formatOf(open, file), columns: [] };
  const format = formatOf(open, file);
  const store = open.deps.store(file.bucket);
  const listed = (): FoundColumn[] => {
    const names = 'columns' in format ? format.columns : undefined;
    return (names ?? target.columns.map(({ name }) => name)).map((name) => ({ name, type: TEXT_TYPE }));
  };
  try {
    switch (format.kind) {
      case 'csv':
      case 'text': {
        if (!format.header) return { file, format, columns: listed() };
        return { file, format, columns: await headerColumns(store, file, format, signal) };
      }
      case 'json': {
        if (!matchesByName(format)) return { file, format, columns: listed() };
        if (!format.detectNewKeys) return { file, format, columns: withMarker(listed(), open) };
        return { file, format, columns: await jsonColumns(store, file, format, signal) };
      }
      case 'parquet': {
        // Loaded late: a worker without Parquet files never needs its reader.
        const { parquetColumns } = await import('../../store/loader/parquet-footer.ts');
        return { file, format, columns: await parquetColumns(store, file, signal) };
      }
    }
  } catch (error) {
    if (!(error instanceof SourceChanged)) throw error;
    return outcomeOf(file, error.how === 'missing' ? 'gone' : 'overwritten');
  }
}

/** Some servers announce every file with a size of 0, so that is looked up. */
async function withSize(
  { deps }: OpenBatch,
  file: SourceFile,
  signal: AbortSignal,
): Promise<SourceFile | FileOutcome> {
  const head = await deps.store(file.bucket).head(file.key, { signal });
  if (head === undefined) return outcomeOf(file, 'gone');
  if (bareEtag(head.etag) !== file.etag) return outcomeOf(file, 'overwritten');
  return { ...file, bytes: head.bytes };
}

/** COPY reads only the keys that are listed: those of the table, and the one that marks deletes. */
function withMarker(columns: readonly FoundColumn[], { definition: { merge } }: OpenBatch): FoundColumn[] {
  const marker = merge?.deletes?.column;
  const isListed = marker === undefined || columns.some(({ name }) => name === foldedName(marker));
  return isListed ? [...columns] : [...columns, { name: marker, type: TEXT_TYPE }];
}

/** The format of the loader whose prefix the file matched. @throws Terminal `UnknownLoader` */
function formatOf({ loaders, batch }: OpenBatch, { loader, bucket, key }: SourceFile) {
  const definition = loaders[loader];
  if (definition !== undefined) return definition.format;
  throw new Terminal(
    'UnknownLoader',
    `s3://${bucket}/${key} came through loader ${loader}, which the worker’s configuration no longer has for this ` +
      `table, so its format is not known. Add the loader again, then retry batch ${batch.batch}, or skip the batch.`,
  );
}

/** The columns of a table to create from the files: those of the first Parquet file that is not empty. @throws Terminal `TargetMissing` */
export async function columnsToCreate(open: OpenBatch): Promise<readonly WantedColumn[]> {
  const { schema, table } = open.definition.target;
  const isParquet = (each: SourceFile) => formatOf(open, each).kind === 'parquet';
  const file = open.batch.files.find((each) => each.bytes > 0 && isParquet(each));
  const { files } = await inspectFiles(open, { columns: [] }, file === undefined ? [] : [file], () => {});
  const [first] = files;
  if (first !== undefined) {
    const columns = first.columns.map(({ name, type }) => ({ name: columnNameOf(first.format, name), type }));
    return addableColumns(columns, 0).addable;
  }
  throw new Terminal(
    'TargetMissing',
    `${schema}.${table} does not exist, and only a Parquet file can say what its columns would be. List them in the ` +
      'loader’s `target.columns`, or create the table.',
  );
}
