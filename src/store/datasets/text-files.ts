import { Terminal } from '../../clients/errors.ts';
import type { ListedObject } from '../../clients/object-store.ts';
import {
  allTexts,
  generationName,
  textIndexKey,
  textsDirectory,
} from '../../pipeline/datasets/dataset-directory.ts';
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

/** Text files as a listing shows them, by name. */
export type ListedTexts = ReadonlyMap<string, { readonly etag: string; readonly bytes: number }>;

/** The text files of all partitions, by one listing, partition by partition. Of one without files, there is nothing. */
export async function* textsByPartition(
  { store, at }: DatasetFiles,
  signal: AbortSignal,
): AsyncGenerator<{ readonly partition: string; readonly objects: readonly ListedObject[] }> {
  const directory = allTexts(at);
  let partition = '';
  let objects: ListedObject[] = [];
  for await (const object of store.list(directory, { signal })) {
    // Derived datasets have one partition column, so the first folder is the partition.
    const own = object.key.slice(directory.length, object.key.indexOf('/', directory.length));
    if (own !== partition) {
      if (objects.length > 0) yield { partition, objects };
      [partition, objects] = [own, []];
    }
    objects.push(object);
  }
  if (objects.length > 0) yield { partition, objects };
}

/** The text files that are in the folder of a partition, of whatever generation. */
export async function listedTexts(
  files: DatasetFiles,
  partition: string,
  signal: AbortSignal,
): Promise<ListedTexts> {
  const listing = files.store.list(textsDirectory(files.at, partition), { signal });
  return byName(files, partition, await Array.fromAsync(listing));
}

export const byName = (
  { at }: DatasetFiles,
  partition: string,
  objects: readonly ListedObject[],
): ListedTexts => {
  const { length } = textsDirectory(at, partition);
  return new Map(
    objects.map(({ key, etag, bytes }) => [key.slice(length), { etag: bareEtag(etag ?? ''), bytes }]),
  );
};

/** Whether all of these are there as they were written. */
export const areListed = (entries: readonly TextFile[], listed: ListedTexts): boolean =>
  entries.every(({ name, etag, bytes }) => {
    const found = listed.get(name);
    return found?.etag === etag && found.bytes === bytes;
  });
