import type { z } from 'zod';
import { Terminal } from '../clients/errors.ts';
import type { ETag, ObjectStore } from '../clients/object-store.ts';
import { parseExactly } from '../pipeline/item/exact-json.ts';

/** One JSON document in a bucket: where it is and what it holds. */
export interface Document<T> {
  readonly store: ObjectStore;
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** What an operator does if the document is damaged; default: start a new run. */
  readonly remedy?: string;
}

/** A document as it was read, and the ETag that a conditional put of the next version names. */
interface Version<T> {
  readonly value: T;
  readonly etag: ETag;
}

export const JSON_FILE = { contentType: 'application/json' } as const;

/** Undefined if there is no such document. @throws Terminal `DamagedFile` */
export async function findDocument<T>(at: Document<T>, signal?: AbortSignal): Promise<T | undefined> {
  return (await findVersion(at, signal))?.value;
}

/** The same, with the ETag of the version that was read. */
export async function findVersion<T>(
  { store, key, schema, remedy = 'Start a new run.' }: Document<T>,
  signal?: AbortSignal,
): Promise<Version<T> | undefined> {
  const object = await store.get(key, { signal });
  if (object === undefined) return undefined;
  const damaged = (how: string) =>
    new Terminal('DamagedFile', `s3://${store.bucket}/${key} is ${how}. ${remedy}`);
  let value: unknown;
  try {
    value = parseExactly(Buffer.from(object.body).toString('utf8'));
  } catch {
    // Omits the parser's message, which quotes the document: a checkpoint has keys of items.
    throw damaged('not JSON; it may have been cut off');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`not what this version of Tributary writes: ${issue?.message} at ${issue?.path.join('.')}`);
  }
  return { value: parsed.data, etag: object.etag };
}

/**
 * Puts a document where its caller read the version with this ETag, or none.
 * @returns false if another version is there by now; it may be the caller's own, if the response to the put was lost
 */
export async function putVersion<T>(
  { store, key }: Document<T>,
  value: T,
  etag: ETag | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const body = JSON.stringify(value);
  const options = { signal, ...JSON_FILE };
  const answer =
    etag === undefined
      ? await store.putNew(key, body, options)
      : await store.putIfMatch(key, body, etag, options);
  return answer !== 'exists' && answer !== 'changed';
}
