import type { ETag, ObjectStore } from '../../clients/object-store.ts';
import type { Check } from '../../contract/maintenance.ts';
import { byteSize, count, counted } from '../../pipeline/text/measures.ts';
import { Checklist } from './checklist.ts';

const MOST_KEYS = 1000;

/** Files that arrive in S3. */
interface Arriving {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly prefix: string;
  /** What takes them: `loader`, `dataset`. */
  readonly by: string;
  /** Whether a key is one of its files. */
  readonly isOwn: (key: string) => boolean;
  /** What to do if there are only files of others. */
  readonly whatToDo: string;
}

/** A file to try permissions with: the smallest that has bytes. */
export interface Sample {
  readonly key: string;
  readonly bytes: number;
}

/** The files can be listed and read, and some of them are those that are wanted. */
export async function checkArriving(
  { store, bucket, prefix, by, isOwn, whatToDo }: Arriving,
  signal: AbortSignal,
): Promise<{ readonly checks: readonly Check[]; readonly sample: Sample | undefined }> {
  const list = new Checklist('S3', signal);
  let sample: (Sample & { readonly etag: ETag }) | undefined;
  await list.ask('files', async (limited) => {
    let keys = 0;
    let own = 0;
    let other: string | undefined;
    for await (const { key, bytes, etag } of store.list(prefix, { signal: limited })) {
      if (keys++ === MOST_KEYS) break;
      if (!isOwn(key)) {
        if (!key.endsWith('/')) other ??= key;
        continue;
      }
      own++;
      // Of an empty file, there is no first byte to read.
      if (etag !== undefined && bytes > 0 && (sample === undefined || bytes < sample.bytes))
        sample = { key, bytes, etag };
    }
    const where = `s3://${bucket}/${prefix}`;
    const looked = keys > MOST_KEYS ? `the first ${count(MOST_KEYS)} keys` : counted(keys, 'key');
    if (own > 0 || other === undefined)
      return { found: `${where}: ${counted(own, 'file')} of the ${by}, of ${looked}` };
    return {
      ...{ state: 'warning', whatToDo },
      found: `${where}: no file of the ${by}, of ${looked}, e.g. ${other}`,
    };
  });
  const tried = sample;
  if (tried !== undefined) {
    await list.ask('reading files', async (limited) => {
      await store.getRange(tried.key, { from: 0, bytes: 1 }, tried.etag, { signal: limited });
      return { found: `the worker reads ${tried.key} (${byteSize(tried.bytes)})` };
    });
  }
  return { checks: list.checks, sample };
}
