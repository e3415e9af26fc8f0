import { partitionsDirectory } from '../../pipeline/datasets/dataset-directory.ts';
import type { Pointer } from '../../pipeline/datasets/documents.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type DatasetFiles, pointer } from './dataset-documents.ts';
import { listPointers } from './pointers.ts';

const AT_ONCE = 32;

/** The pointers of datasets. Of those that it has read before, it reads only those that changed. */
export class Pointers {
  readonly #read = new Map<string, { readonly etag: string; readonly value: Pointer }>();

  /** By the paths of the partitions. @throws Terminal `DamagedFile` */
  async of(files: DatasetFiles, signal: AbortSignal): Promise<Map<string, Pointer>> {
    const listed = (await listPointers(files, signal)).map((each) => ({
      ...each,
      id: `${files.store.bucket}/${partitionsDirectory(files.at)}${each.partition}`,
    }));
    const changed = listed.filter(({ id, etag }) => {
      const known = this.#read.get(id);
      return known === undefined || known.etag !== etag;
    });
    await forEachLimited(
      changed,
      AT_ONCE,
      async ({ id, partition, etag }, each) => {
        const value = await findDocument(pointer(files, partition), each);
        if (value === undefined) this.#read.delete(id);
        else this.#read.set(id, { etag, value });
      },
      signal,
    );
    const found = new Map<string, Pointer>();
    for (const { id, partition } of listed) {
      const known = this.#read.get(id);
      if (known !== undefined) found.set(partition, known.value);
    }
    return found;
  }
}
