import { Transient } from '../../clients/errors.ts';
import { generationDirectory, generationName } from '../../pipeline/datasets/dataset-directory.ts';
import type { Generation, Pointer, PublishedGeneration } from '../../pipeline/datasets/documents.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { claim } from '../../store/claim.ts';
import type { CurrentGeneration } from '../../store/datasets/current-generation.ts';
import { type DatasetFiles, generation } from '../../store/datasets/dataset-documents.ts';
import { movePointer } from '../../store/datasets/move-pointer.ts';

/**
 * Publishes a generation whose files are in its folder: its document, then the pointer, which readers follow. So a generation is seen
 * whole or not at all.
 * @param current what it was built from; undefined if the partition had no generation
 * @returns undefined if another generation was published meanwhile: this one is built again, on top of that
 */
export async function publishGeneration(
  files: DatasetFiles,
  next: Generation,
  current: CurrentGeneration | undefined,
  signal: AbortSignal,
): Promise<Pointer | undefined> {
  await checkFolder(files, next, signal);
  await claim(generation(files, next.partition, next), next, ({ id }) => id === next.id, signal);
  const revision = (current?.pointer.revision ?? 0) + 1;
  const value: Pointer = {
    version: 1,
    revision,
    generation: next.generation,
    id: next.id,
    publishedAt: next.builtAt,
    content: next.content,
  };
  return (await movePointer(files, next.partition, value, current?.etag, signal)) ? value : undefined;
}

/** Engines read every file in the folder: it must hold those of the generation, as they were written, and no other. */
export async function checkFolder(
  { store, at }: DatasetFiles,
  next: Pick<PublishedGeneration, 'partition' | 'generation' | 'id' | 'files'>,
  signal: AbortSignal,
): Promise<void> {
  const { partition, generation: number, id } = next;
  const folder = generationDirectory(at, partition, generationName(number, id));
  const expected = new Map(next.files.map((file) => [file.key, file]));
  for await (const { key, etag, bytes } of store.list(folder, { signal })) {
    const file = expected.get(key);
    if (file?.bytes !== bytes || bareEtag(etag ?? '') !== file.etag) throw differs(store.bucket, key);
    expected.delete(key);
  }
  for (const key of expected.keys()) throw differs(store.bucket, key);
}

const differs = (bucket: string, key: string) =>
  new Transient(
    'WriteConflict',
    `s3://${bucket}/${key} is not as it was written. The generation is given up, and another one built.`,
  );
