/**
 * Exactly what Tributary needs of S3. Keys are full keys in one bucket. Bodies are in memory, because every object of a
 * run directory is small enough.
 */
export interface ObjectStore {
  readonly bucket: string;
  /** Reads an object. @returns its bytes and ETag, or undefined if it does not exist. */
  get(key: string, options?: CallOptions): Promise<StoredObject | undefined>;
  /** Writes an object, replacing any that exists. @returns its ETag. */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<ETag>;
  /**
   * Writes an object only if the key does not exist (If-None-Match: *).
   * @returns its ETag, or 'exists' (412) if the key exists. After a lost response, that may be the caller's own write.
   */
  putNew(key: string, body: Uint8Array | string, options?: PutOptions): Promise<ETag | 'exists'>;
  /**
   * Writes an object only if the existing one still has this ETag (If-Match).
   * @returns its ETag, or 'changed' (412) if the object has another ETag or does not exist. After a lost response, the
   *   change may be the caller's own write.
   */
  putIfMatch(
    key: string,
    body: Uint8Array | string,
    etag: ETag,
    options?: PutOptions,
  ): Promise<ETag | 'changed'>;
  /**
   * Lists the keys under a prefix in byte order, with sizes. With `delimiter: '/'`, folders (ending in a slash) are
   * listed instead of their contents.
   */
  list(prefix: string, options?: CallOptions & { readonly delimiter?: '/' }): AsyncIterable<ListedObject>;
  delete(keys: readonly string[], options?: CallOptions): Promise<void>;
}

/** S3's identifier of one version of an object, in double quotes, as S3 returns it and as conditions require it. */
export type ETag = `"${string}"`;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PutOptions extends CallOptions {
  readonly contentType?: string;
}

interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: ETag;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}
