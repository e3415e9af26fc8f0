import { open, readFile } from 'node:fs/promises';
import { Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { WrittenFile } from '../../pipeline/datasets/documents.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { Gone, rawBytes } from './raw-bytes.ts';

type RemoteFile = Pick<WrittenFile, 'key' | 'etag' | 'bytes'>;

/**
 * Copies an object to the local disk, piece by piece, if it is still the one that was written.
 * @throws Transient `WriteConflict` if it is another one, or gone: another writer has superseded it
 */
export async function download(
  store: ObjectStore,
  remote: RemoteFile,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await copyDown(store, remote, path, signal);
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    throw new Transient('WriteConflict', `${error.message}. This is tried again.`);
  }
}

/** The same, for callers that do not try again. @throws Gone */
export async function copyDown(
  store: ObjectStore,
  remote: RemoteFile,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    for await (const piece of rawBytes(store, remote, signal)) {
      const { byteLength } = piece;
      refuseShort(path, (await file.write(piece)).bytesWritten, byteLength);
    }
  } finally {
    await file.close();
  }
}

/**
 * A write that a full disk cuts off fails only if nothing of it was written.
 * @throws Transient `EngineOutOfSpace` if fewer bytes were written than there are
 */
export function refuseShort(path: string, written: number, bytes: number): void {
  if (written === bytes) return;
  throw new Transient(
    'EngineOutOfSpace',
    `${path}: ${written} of ${bytes} bytes were written: the disk of the worker is full. Free space on it.`,
  );
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
  return { key, etag: bareEtag(etag), bytes: body.byteLength };
}
