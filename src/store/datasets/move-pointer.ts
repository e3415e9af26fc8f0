import type { ETag } from '../../clients/object-store.ts';
import type { Pointer } from '../../pipeline/datasets/documents.ts';
import { findDocument, putVersion } from '../document.ts';
import { type DatasetFiles, pointer } from './dataset-documents.ts';

/**
 * Moves the pointer of a partition, which readers follow.
 * @param etag of the pointer that was read; undefined if there was none
 * @returns false if another one was put meanwhile
 */
export async function movePointer(
  files: DatasetFiles,
  partition: string,
  next: Pointer,
  etag: ETag | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const at = pointer(files, partition);
  if (await putVersion(at, next, etag, signal)) return true;
  // It may be this one: the response to the put was lost, and the put repeated.
  const found = await findDocument(at, signal);
  return found?.id === next.id && found.built?.record === next.built?.record;
}
