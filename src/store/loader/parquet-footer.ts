import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { messageOf } from '../../pipeline/failure/message-of.ts';
import type { FoundColumn } from '../../pipeline/loader/copy-groups.ts';
import { parquetType } from '../../pipeline/loader/parquet-type.ts';
import { quotedEtag, type ReadFile, SourceChanged } from './source-text.ts';

/** A footer is read whole. Those of files with thousands of row groups have a few megabytes. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024;

/**
 * The columns of a Parquet file, from its footer: a few ranges at its end.
 * @throws Terminal `FileUnreadable` if it is not Parquet, or has a type that COPY cannot load; SourceChanged
 */
export async function parquetColumns(
  store: ObjectStore,
  file: ReadFile,
  signal: AbortSignal,
): Promise<FoundColumn[]> {
  const { key, etag, bytes } = file;
  const at = `s3://${store.bucket}/${key}`;
  const slice = async (start: number, end = bytes): Promise<ArrayBuffer> => {
    if (end - start > MAX_FOOTER_BYTES) throw new Error('its footer has more than 64 MB');
    const range = { from: start, bytes: end - start };
    const part = await store.getRange(key, range, quotedEtag(etag), { signal });
    if (typeof part === 'string') throw new SourceChanged(key, part);
    return new Uint8Array(part).buffer;
  };
  try {
    const metadata = await parquetMetadataAsync({ byteLength: bytes, slice });
    return parquetSchema(metadata).children.map(({ element, children }) => {
      const type = parquetType(element, children.length > 0);
      if (type !== undefined) return { name: element.name, type };
      throw new Terminal(
        'FileUnreadable',
        `Column ${element.name} of ${at} has a Parquet type that COPY cannot load: ` +
          `${[element.type, element.logical_type?.type ?? element.converted_type].filter(Boolean).join(' as ')}. Write it ` +
          'as a signed number, a text, or a time in microseconds.',
      );
    });
  } catch (error) {
    const isOurs = error instanceof Terminal || error instanceof SourceChanged;
    if (isOurs || signal.aborted || !isOfReader(error)) throw error;
    throw new Terminal(
      'FileUnreadable',
      `${at} is not a Parquet file: ${messageOf(error)}. Correct the loader’s \`format\`, or write the file again.`,
    );
  }
}

/** The reader throws plain errors, and RangeError where a cut-off footer ends. Those of clients have names of their own. */
const isOfReader = (error: unknown) =>
  Error.isError(error) && ['Error', 'RangeError', 'TypeError'].includes(error.name);
