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
   * Lists the keys under a prefix in byte order. With `delimiter: '/'`, folders (ending in a slash) are listed instead of
   * their contents; they have no ETag.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListedObject>;
  /** What an object is, without its bytes. @returns undefined if it does not exist. */
  head(key: string, options?: CallOptions): Promise<ObjectHead | undefined>;
  /**
   * Reads a part of an object, if it still has this ETag.
   * @param range from a byte, counted from 0, at most this many; from a negative one, the last bytes of the object
   * @returns its bytes, fewer than wanted at the end of the object; or why there are none
   */
  getRange(
    key: string,
    range: { readonly from: number; readonly bytes: number },
    etag: ETag,
    options?: CallOptions,
  ): Promise<Uint8Array | 'changed' | 'missing'>;
  /**
   * Copies an object of any bucket into this one, on the server, if it still has this ETag.
   * @returns the copy's ETag, which may differ; or why it was not copied
   */
  copy(from: CopySource, to: string, options?: CallOptions): Promise<ETag | 'changed' | 'missing'>;
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

export interface ListOptions extends CallOptions {
  readonly delimiter?: '/';
  /** Keys up to this one, in byte order, are left out. */
  readonly startAfter?: string;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Absent for folders, as is `modifiedMs`. */
  readonly etag?: ETag;
  /** By S3's clock, in milliseconds since 1970. */
  readonly modifiedMs?: number;
}

interface ObjectHead {
  readonly bytes: number;
  readonly etag: ETag;
  readonly modifiedMs: number;
}

/** An object to copy, with the ETag that it must have. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly etag: ETag;
  /** Its size: above 5 GB it is copied in parts. */
  readonly bytes: number;
}
