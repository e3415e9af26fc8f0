/**
 * What Tributary needs of S3, and no more. Keys are whole keys inside one bucket; bodies are held in memory,
 * because every object of a run directory is cut to fit.
 */
export interface ObjectStore {
  readonly bucket: string;
  /** The object's bytes and ETag, or undefined where there is none. */
  get(key: string, options?: CallOptions): Promise<StoredObject | undefined>;
  /** Puts an object whole. @returns its ETag. */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<ETag>;
  /**
   * Puts an object only where the key is free (If-None-Match: *).
   * @returns its ETag, or 'exists' (412) when there is one already, which may be one's own after a lost answer.
   */
  putNew(key: string, body: Uint8Array | string, options?: PutOptions): Promise<ETag | 'exists'>;
  /**
   * Puts an object only where the one that is there still has this ETag (If-Match).
   * @returns its ETag, or 'changed' (412) where there is another or none, which may be one's own after a lost answer.
   */
  putIfMatch(
    key: string,
    body: Uint8Array | string,
    etag: ETag,
    options?: PutOptions,
  ): Promise<ETag | 'changed'>;
  /** Keys under a prefix in byte order, with sizes. `delimiter: '/'` lists the folders (ending in a slash) instead of what is in them. */
  list(prefix: string, options?: CallOptions & { readonly delimiter?: '/' }): AsyncIterable<ListedObject>;
  delete(keys: readonly string[], options?: CallOptions): Promise<void>;
}

/** What S3 knows one version of an object by, in double quotes as it gives it and as conditions want it. */
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
