import { open, readFile } from 'node:fs/promises';
import { Transient } from '../../clients/errors.ts';
import type { ETag, ObjectStore } from '../../clients/object-store.ts';
import type { WrittenFile } from '../../pipeline/datasets/documents.ts';

const PIECE_BYTES = 16 * 1024 * 1024;

type RemoteFile = Pick<WrittenFile, 'key' | 'etag' | 'bytes'>;

/**
 * Copies an object to the local disk, piece by piece, if it is still the one that was written.
 * @throws Transient `WriteConflict` if it is another one, or gone: another writer has superseded it
 */
export async function download(
  store: ObjectStore,
  { key, etag, bytes }: RemoteFile,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let from = 0; from < bytes; ) {
      const wanted: ETag = `"${etag}"`;
      const piece = await store.getRange(key, { from, bytes: PIECE_BYTES }, wanted, { signal });
      if (typeof piece === 'string')
        throw new Transient(
          'WriteConflict',
          `s3://${store.bucket}/${key} is ${piece === 'missing' ? 'gone' : 'another file now'}. This is tried again.`,
        );
      await file.write(piece);
      from += piece.byteLength;
    }
  } finally {
    await file.close();
  }
}

/** Puts a local file, of at most a few hundred megabytes, into the bucket. */
export async function upload(
  store: ObjectStore,
  path: string,
  key: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const body = await readFile(path);
  const etag = await store.put(key, body, { signal });
  return { key, etag: etag.slice(1, -1), bytes: body.byteLength };
}
