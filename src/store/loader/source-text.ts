import { Terminal } from '../../clients/errors.ts';
import type { ETag, ObjectStore } from '../../clients/object-store.ts';
import type { FileCompression } from '../../pipeline/loader/compression.ts';
import { gunzipped, NotDecompressed, unzstd } from '../records/decompressed.ts';

/** A file of another system. */
export interface ReadFile {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
}

/** The file no longer is what was announced. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
  readonly how: 'changed' | 'missing';

  constructor(key: string, how: 'changed' | 'missing') {
    super(`${key} is ${how}`);
    this.how = how;
  }
}

/** The first read is short, because a header is all that is needed of most files. */
const FIRST_BYTES = 64 * 1024;
const MAX_BYTES = 8 * 1024 * 1024;

export const quotedEtag = (etag: string): ETag => `"${etag}"`;

/** The file's bytes, read in pieces on condition of its ETag. @throws SourceChanged */
async function* sourceBytes(
  store: ObjectStore,
  { key, etag, bytes }: ReadFile,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let step = FIRST_BYTES;
  for (let from = 0; from < bytes; ) {
    const piece = await store.getRange(key, { from, bytes: Math.min(step, bytes - from) }, quotedEtag(etag), {
      signal,
    });
    if (typeof piece === 'string') throw new SourceChanged(key, piece);
    if (piece.byteLength === 0) return;
    yield piece;
    from += piece.byteLength;
    step = Math.min(MAX_BYTES, step * 4);
  }
}

/**
 * The text of a file, piece by piece, decompressed, without a byte order mark. No more of it is fetched than the caller
 * takes. Bytes that are not UTF-8 become U+FFFD: COPY itself reports them.
 * @throws SourceChanged, and Terminal `FileUnreadable` if it is not compressed as its key or loader says
 */
export async function* sourceText(
  store: ObjectStore,
  file: ReadFile,
  compression: FileCompression,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of decompressed(sourceBytes(store, file, signal), compression, store.bucket, file)) {
    const text = decoder.decode(piece, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

async function* decompressed(
  bytes: AsyncGenerator<Uint8Array>,
  compression: FileCompression,
  bucket: string,
  { key }: ReadFile,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    yield* bytes;
    return;
  }
  try {
    yield* compression === 'gzip' ? gunzipped(bytes) : unzstd(bytes);
  } catch (error) {
    if (!(error instanceof NotDecompressed)) throw error;
    throw new Terminal(
      'FileUnreadable',
      `s3://${bucket}/${key} cannot be decompressed with ${compression}: ${error.message}. Correct ` +
        '`format.compression` of the loader, or write the file again.',
    );
  }
}
