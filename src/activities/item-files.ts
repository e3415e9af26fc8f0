import { Terminal } from '../clients/errors.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Item } from '../pipeline/attribute.ts';
import { parseExactly } from '../pipeline/exact-json.ts';
import type { Reject } from '../pipeline/reject.ts';
import { decompress } from './part-buffer.ts';

/** Files of whole items, a JSON document a line. @throws Terminal `FileMissing` */

/** Items that fitted no layout of their time. */
export async function readOdd(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Item[]> {
  return (await readLines(store, key, signal)) as Item[];
}

/** Items that were set aside, with their reasons. */
export async function readRejects(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Reject[]> {
  return (await readLines(store, key, signal)) as Reject[];
}

async function readLines(
  store: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): Promise<unknown[]> {
  const object = await store.get(key, { signal });
  if (object === undefined) {
    throw new Terminal(
      'FileMissing',
      `s3://${store.bucket}/${key} is named by a checkpoint but was removed. Start a new run.`,
    );
  }
  const lines = (await decompress(key, object.body)).split('\n');
  return lines.filter((line) => line !== '').map(parseExactly);
}
