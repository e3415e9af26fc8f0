import { Terminal } from '../clients/errors.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Item } from '../pipeline/item/attribute.ts';
import { parseExactly } from '../pipeline/item/exact-json.ts';
import type { Reject } from '../pipeline/mapping/reject.ts';
import { decompressedLines } from './part-buffer.ts';

/**
 * Files of whole items, one JSON document per line. They are read a few lines at a time: items compress to a tenth, so
 * the text of one file can exceed the longest string in Node (512 MB).
 * @throws Terminal `FileMissing`, `DamagedFile`
 */

/** Items that did not fit the layouts when they were read. */
export function readOdd(store: ObjectStore, key: string, signal?: AbortSignal): AsyncGenerator<Item[]> {
  return readItems<Item>(store, key, signal);
}

/** Items that were set aside, with their reasons. */
export function readRejects(store: ObjectStore, key: string, signal?: AbortSignal): AsyncGenerator<Reject[]> {
  return readItems<Reject>(store, key, signal);
}

async function* readItems<T>(
  store: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<T[]> {
  const object = await store.get(key, { signal });
  if (object === undefined) {
    throw new Terminal(
      'FileMissing',
      `A checkpoint names s3://${store.bucket}/${key}, but the file was removed. Start a new run.`,
    );
  }
  for await (const lines of decompressedLines(key, object.body)) {
    signal?.throwIfAborted();
    yield lines.filter((line) => line !== '').map((line) => parsed(line) as T);
  }

  function parsed(line: string): unknown {
    try {
      return parseExactly(line);
    } catch {
      // Omits the parser's message, which quotes the item.
      throw new Terminal(
        'DamagedFile',
        `s3://${store.bucket}/${key} has a line that is not JSON; it may have been cut off. Start a new run.`,
      );
    }
  }
}
