import { Terminal } from '../../clients/errors.ts';
import { partitionsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type { Pointer } from '../../pipeline/datasets/documents.ts';
import { findDocument, JSON_FILE } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type DatasetFiles, pointer, pointerIndex } from './dataset-documents.ts';
import { listPointers } from './pointers.ts';

const AT_ONCE = 32;
/** Reading so many pointers costs more than reading the index, or writing it. */
const MANY = 100;

/** The first and last of some partitions, by their paths. */
export interface PathRange {
  readonly first: string;
  readonly last: string;
}

interface Known {
  readonly etag: string;
  readonly value: Pointer;
}

/**
 * The pointers of datasets. Of those that were read before, by this process or by another that wrote the index of the dataset, it
 * reads only those that changed, by the ETags that a listing returns. A pointer counts its revisions, so no two have one ETag.
 */
export class Pointers {
  /** By dataset, then by the paths of partitions. */
  readonly #read = new Map<string, Map<string, Known>>();

  /** By the paths of the partitions. @param range only partitions in it @throws Terminal `DamagedFile` */
  async of(files: DatasetFiles, signal: AbortSignal, range?: PathRange): Promise<Map<string, Pointer>> {
    const read = this.#readOf(files);
    const listed = (await listPointers(files, signal, range)).filter(({ partition }) =>
      isWithin(partition, range),
    );
    // Of this call alone: another one may have listed earlier.
    const own = new Map<string, Known>();
    const take = ({ partition, etag }: (typeof listed)[number], known: Known | undefined) =>
      known?.etag === etag && own.set(partition, known) !== undefined;
    let changed = listed.filter((each) => !take(each, read.get(each.partition)));
    if (changed.length >= MANY) {
      const index = new Map(await indexed(files, signal));
      changed = changed.filter((each) => !take(each, index.get(each.partition)));
    }
    await forEachLimited(
      changed,
      AT_ONCE,
      async ({ partition, etag }, each) => {
        const value = await findDocument(pointer(files, partition), each);
        if (value === undefined) read.delete(partition);
        else own.set(partition, { etag, value });
      },
      signal,
    );
    const found = new Map<string, Pointer>();
    for (const { partition } of listed) {
      const known = own.get(partition);
      if (known === undefined) continue;
      found.set(partition, known.value);
      read.set(partition, known);
    }
    if (changed.length >= MANY && range === undefined) await writeIndex(files, own, signal);
    return found;
  }

  #readOf({ store: { bucket }, at }: DatasetFiles): Map<string, Known> {
    const id = `${bucket}/${partitionsDirectory(at)}`;
    const read = this.#read.get(id) ?? new Map<string, Known>();
    this.#read.set(id, read);
    return read;
  }
}

/** If two processes write it at once, either is good: what it has of a pointer holds as long as the ETag is the same. */
async function writeIndex(
  files: DatasetFiles,
  known: ReadonlyMap<string, Known>,
  signal: AbortSignal,
): Promise<void> {
  const { store, key } = pointerIndex(files);
  const pointers = [...known].map(([partition, { etag, value }]) => ({ partition, etag, pointer: value }));
  await store.put(key, JSON.stringify({ version: 1, pointers }), { signal, ...JSON_FILE });
}

const isWithin = (partition: string, range: PathRange | undefined): boolean =>
  range === undefined || (partition >= range.first && partition <= range.last);

/** A damaged index is as none: it only saves requests. */
async function indexed(files: DatasetFiles, signal: AbortSignal): Promise<(readonly [string, Known])[]> {
  try {
    const found = await findDocument(pointerIndex(files), signal);
    return (found?.pointers ?? []).map(({ partition, etag, pointer: value }) => [partition, { etag, value }]);
  } catch (error) {
    if (error instanceof Terminal && error.code === 'DamagedFile') return [];
    throw error;
  }
}
