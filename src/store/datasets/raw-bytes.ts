import { Transient } from '../../clients/errors.ts';
import type { ETag, ObjectStore } from '../../clients/object-store.ts';
import type { RawFile } from '../../pipeline/datasets/documents.ts';

const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * The bytes of an object as they are stored, piece by piece.
 * @throws Gone if it is no longer there under its ETag; Transient if that happens while it is read
 */
export async function* rawBytes(
  store: ObjectStore,
  { key, etag, bytes }: Pick<RawFile, 'key' | 'etag' | 'bytes'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const wanted: ETag = `"${etag}"`;
  for (let from = 0; from < bytes; ) {
    const piece = await store.getRange(key, { from, bytes: PIECE_BYTES }, wanted, { signal });
    if (typeof piece === 'string') {
      if (from === 0) throw new Gone(`s3://${store.bucket}/${key} is ${piece}`);
      throw new Transient(
        'WriteConflict',
        `s3://${store.bucket}/${key} was ${piece === 'missing' ? 'deleted' : 'overwritten'} while it was read.`,
      );
    }
    // A reader may free it.
    from += piece.byteLength;
    yield piece;
  }
}

/** An object is no longer there, or is another one under its key. */
export class Gone extends Error {
  override readonly name = 'Gone';
}
