import { Terminal } from '../../clients/errors.ts';
import type { ETag } from '../../clients/object-store.ts';
import type { Generation, Pointer } from '../../pipeline/datasets/documents.ts';
import { findDocument, findVersion } from '../document.ts';
import { type DatasetFiles, generation, pointer } from './dataset-documents.ts';

/** What readers of a partition see. */
export interface CurrentGeneration {
  readonly pointer: Pointer;
  readonly etag: ETag;
  readonly generation: Generation;
}

/**
 * The current generation of a partition; undefined if it has none.
 * @throws Terminal `DamagedFile`
 */
export async function currentGeneration(
  files: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<CurrentGeneration | undefined> {
  for (let isRetry = false; ; isRetry = true) {
    const found = await findVersion(pointer(files, partition), signal);
    if (found === undefined) return undefined;
    const document = generation(files, partition, found.value);
    const current = await findDocument(document, signal);
    if (current !== undefined) return { pointer: found.value, etag: found.etag, generation: current };
    // Between the two reads it may have been superseded and pruned.
    if (isRetry)
      throw new Terminal(
        'DamagedFile',
        `s3://${document.store.bucket}/${document.key} is missing, and the pointer of ${partition} names it. ` +
          'Restore it from an earlier version of the object, or rebuild the partition.',
      );
  }
}
