import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
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
    const range = { from: start, bytes: end - start };
    const part = await store.getRange(key, range, quotedEtag(etag), { signal });
    if (typeof part === 'string') throw new SourceChanged(key, part);
    return new Uint8Array(part).buffer;
  };
  try {
    await refuseOther(slice, bytes);
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
      `${at} ${error instanceof NotParquet ? error.message : BROKEN}. Correct the loader’s \`format\`, or write the file again.`,
    );
  }
}

/** What the reader's own errors say, such as an offset out of bounds, tells nothing of the file. */
const BROKEN = 'is not a readable Parquet file: its footer is damaged';

class NotParquet extends Error {}

/** The length of the footer, and `PAR1`. https://parquet.apache.org/docs/file-format/ */
const TAIL_BYTES = 8;

/** @throws NotParquet for a file that does not end as Parquet does */
async function refuseOther(
  slice: (start: number, end: number) => Promise<ArrayBuffer>,
  bytes: number,
): Promise<void> {
  const tail = Buffer.from(await slice(Math.max(0, bytes - TAIL_BYTES), bytes));
  const end = tail.toString('latin1').slice(-4);
  if (end === 'PARE') throw new NotParquet('is an encrypted Parquet file, which COPY cannot load');
  if (tail.length < TAIL_BYTES || end !== 'PAR1')
    throw new NotParquet('is not a Parquet file (no PAR1 at its end)');
  const footer = tail.readUInt32LE(0);
  if (footer > MAX_FOOTER_BYTES)
    throw new NotParquet('is not a readable Parquet file: its footer has more than 64 MB');
  if (footer + TAIL_BYTES > bytes)
    throw new NotParquet('is not a readable Parquet file: it is shorter than its footer, so it was cut off');
}

/** The reader throws plain errors, and RangeError where a cut-off footer ends. Those of clients have names of their own. */
const isOfReader = (error: unknown) =>
  Error.isError(error) && ['Error', 'RangeError', 'TypeError'].includes(error.name);
