import { Terminal } from '../../clients/errors.ts';
import type { FoundColumn, InspectedFile } from '../../pipeline/loader/copy-groups.ts';
import { TEXT_TYPE } from '../../pipeline/loader/json-keys.ts';
import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../pipeline/loader/source-file.ts';
import type { Target } from '../../pipeline/merge/target.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { parquetColumns } from '../../store/loader/parquet-footer.ts';
import { headerColumns, jsonColumns } from '../../store/loader/source-header.ts';
import { SourceChanged } from '../../store/loader/source-text.ts';
import type { OpenBatch } from './open-batch.ts';
import { outcomeOf } from './unloaded-files.ts';

const AT_ONCE = 8;

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
    AT_ONCE,
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

async function inspect(
  open: OpenBatch,
  target: Pick<Target, 'columns'>,
  file: SourceFile,
  signal: AbortSignal,
): Promise<InspectedFile | FileOutcome> {
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
        const isByName = format.paths === 'auto' || format.paths === 'auto ignorecase';
        if (!isByName || !format.detectNewKeys) return { file, format, columns: listed() };
        return { file, format, columns: await jsonColumns(store, file, format, signal) };
      }
      case 'parquet':
        return { file, format, columns: await parquetColumns(store, file, signal) };
    }
  } catch (error) {
    if (!(error instanceof SourceChanged)) throw error;
    return outcomeOf(file, error.how === 'missing' ? 'gone' : 'overwritten');
  }
}

/** The format of the loader whose prefix the file matched. @throws Terminal `UnknownLoader` */
export function formatOf({ loaders, batch }: OpenBatch, { loader, bucket, key }: SourceFile) {
  const definition = loaders[loader];
  if (definition !== undefined) return definition.format;
  throw new Terminal(
    'UnknownLoader',
    `s3://${bucket}/${key} came through loader ${loader}, which the worker’s configuration no longer has for this ` +
      `table, so its format is not known. Add the loader again, then retry batch ${batch.batch}, or skip the batch.`,
  );
}
