import { Terminal } from '../../clients/errors.ts';
import { generationName, textIndexKey, textsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import { TextFile, type Texts } from '../../pipeline/datasets/text-files.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from './dataset-documents.ts';

/** A generation of a partition that has text files. */
export interface TextGeneration {
  readonly partition: string;
  readonly generation: number;
  readonly id: string;
}

const indexKey = ({ at }: DatasetFiles, { partition, generation, id }: TextGeneration) =>
  textIndexKey(at, partition, generationName(generation, id));

export async function putTextIndex(
  files: DatasetFiles,
  of: TextGeneration,
  entries: readonly TextFile[],
  signal: AbortSignal,
): Promise<Texts['index']> {
  const body = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  const etag = await files.store.put(indexKey(files, of), body, { signal });
  return { etag: bareEtag(etag), bytes: body.byteLength };
}

/** The text files of a generation; undefined if the index is not there any more. @throws Terminal `DamagedFile` */
export async function findTextIndex(
  files: DatasetFiles,
  of: TextGeneration,
  signal: AbortSignal,
): Promise<TextFile[] | undefined> {
  const key = indexKey(files, of);
  const object = await files.store.get(key, { signal });
  if (object === undefined) return undefined;
  const lines = Buffer.from(object.body).toString('utf8').split('\n').slice(0, -1);
  try {
    return lines.map((line) => TextFile.parse(JSON.parse(line)));
  } catch {
    throw new Terminal(
      'DamagedFile',
      `s3://${files.store.bucket}/${key} is not an index of text files. ` +
        'Restore it from an earlier version of the object, or rebuild the partition.',
    );
  }
}

/** The text files that are in the folder of a partition, of whatever generation: their ETags and sizes, by name. */
export async function listedTexts(
  { store, at }: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<Map<string, { readonly etag: string; readonly bytes: number; readonly modifiedMs: number }>> {
  const directory = textsDirectory(at, partition);
  const found = new Map<string, { etag: string; bytes: number; modifiedMs: number }>();
  for await (const { key, etag, bytes, modifiedMs = 0 } of store.list(directory, { signal }))
    found.set(key.slice(directory.length), { etag: bareEtag(etag ?? ''), bytes, modifiedMs });
  return found;
}

/** Whether all of these are there as they were written. */
export const areListed = (
  entries: readonly TextFile[],
  listed: ReadonlyMap<string, { readonly etag: string; readonly bytes: number }>,
): boolean =>
  entries.every(({ name, etag, bytes }) => {
    const found = listed.get(name);
    return found?.etag === etag && found.bytes === bytes;
  });
