import { generationOfKey, partitionDocuments } from '../../pipeline/datasets/dataset-directory.ts';
import type { DatasetFiles } from './dataset-documents.ts';

/** The generations of a partition that have a document, whether they were published or not. */
export async function generationNames(
  { store, at }: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<{ readonly generation: number; readonly id: string }[]> {
  const found: { generation: number; id: string }[] = [];
  for await (const { key } of store.list(partitionDocuments(at, partition), { delimiter: '/', signal })) {
    const named = generationOfKey(at, key);
    if (named?.isDocument === true)
      found.push({ generation: named.generation, id: named.name.replace(/^gen-\d+-/, '') });
  }
  return found;
}
