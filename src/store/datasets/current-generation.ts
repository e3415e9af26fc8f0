import { Terminal } from '../../clients/errors.ts';
import type { ETag } from '../../clients/object-store.ts';
import type { Generation, Pointer, PublishedGeneration } from '../../pipeline/datasets/documents.ts';
import { type Document, findDocument, findVersion } from '../document.ts';
import { type DatasetFiles, generation, pointer, publishedGeneration } from './dataset-documents.ts';

/** What readers of a partition see. */
interface Current<T> {
  readonly pointer: Pointer;
  readonly etag: ETag;
  readonly generation: T;
}
export type CurrentGeneration = Current<Generation>;

/**
 * The current generation of a partition; undefined if it has none.
 * @throws Terminal `DamagedFile`
 */
export const currentGeneration = async (
  files: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<CurrentGeneration | undefined> =>
  await current(files, partition, (named) => generation(files, partition, named), signal);

/** The same, as readers need it: also that of a derived partition. @throws Terminal `DamagedFile` */
export const currentPublished = async (
  files: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<Current<PublishedGeneration> | undefined> =>
  await current(files, partition, (named) => publishedGeneration(files, partition, named), signal);

async function current<T>(
  files: DatasetFiles,
  partition: string,
  documentOf: (pointer: Pointer) => Document<T>,
  signal: AbortSignal,
): Promise<Current<T> | undefined> {
  for (let isRetry = false; ; isRetry = true) {
    const found = await findVersion(pointer(files, partition), signal);
    if (found === undefined) return undefined;
    const document = documentOf(found.value);
    const named = await findDocument(document, signal);
    if (named !== undefined) return { pointer: found.value, etag: found.etag, generation: named };
    // Between the two reads it may have been superseded and pruned.
    if (isRetry)
      throw new Terminal(
        'DamagedFile',
        `s3://${document.store.bucket}/${document.key} is missing, and the pointer of ${partition} names it. ` +
          'Restore it from an earlier version of the object, or rebuild the partition.',
      );
  }
}
