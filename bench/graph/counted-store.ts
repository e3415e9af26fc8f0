import type { ObjectStore } from '../../src/clients/object-store.ts';

/** Requests to S3, by kind. */
export interface Requests {
  gets: number;
  /** Of them, those of pointers. */
  pointers: number;
  puts: number;
  /** Each lists up to 1,000 keys. */
  lists: number;
}

export const noRequests = (): Requests => ({ gets: 0, pointers: 0, puts: 0, lists: 0 });

const PAGE = 1000;

/** A store that counts what is asked of it. */
export function countedStore(store: ObjectStore, requests: Requests): ObjectStore {
  const put = <T>(answer: T): T => {
    requests.puts++;
    return answer;
  };
  return {
    bucket: store.bucket,
    get: (key, options) => {
      requests.gets++;
      if (key.endsWith('/current.json')) requests.pointers++;
      return store.get(key, options);
    },
    getRange: (key, range, etag, options) => {
      requests.gets++;
      return store.getRange(key, range, etag, options);
    },
    head: (key, options) => store.head(key, options),
    put: (key, body, options) => put(store.put(key, body, options)),
    putNew: (key, body, options) => put(store.putNew(key, body, options)),
    putIfMatch: (key, body, etag, options) => put(store.putIfMatch(key, body, etag, options)),
    copy: (from, to, options) => put(store.copy(from, to, options)),
    delete: (keys, options) => store.delete(keys, options),
    async *list(prefix, options) {
      let keys = 0;
      for await (const each of store.list(prefix, options)) {
        if (keys++ % PAGE === 0) requests.lists++;
        yield each;
      }
      if (keys === 0) requests.lists++;
    },
  };
}
