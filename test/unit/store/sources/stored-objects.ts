import { createHash } from 'node:crypto';
import type { ETag, ObjectStore } from '../../../../src/clients/object-store.ts';

/** A bucket in memory whose objects are only read. */
export function storedObjects(objects: ReadonlyMap<string, Uint8Array>): ObjectStore {
  const etagOf = (body: Uint8Array): ETag => `"${createHash('md5').update(body).digest('hex')}"`;
  const found = (key: string) => objects.get(key);
  const unused = () => {
    throw new Error('only read');
  };
  return {
    bucket: 'exports',
    async get(key) {
      const body = found(key);
      return body === undefined ? undefined : { body, etag: etagOf(body) };
    },
    async head(key) {
      const body = found(key);
      return body === undefined ? undefined : { bytes: body.byteLength, etag: etagOf(body), modifiedMs: 0 };
    },
    async getRange(key, { from, bytes }, etag) {
      const body = found(key);
      if (body === undefined) return 'missing';
      return etagOf(body) === etag ? body.subarray(from, from + bytes) : 'changed';
    },
    async *list(prefix, { delimiter } = {}) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      const folder = (key: string) => {
        const end = key.indexOf('/', prefix.length);
        return delimiter === undefined || end < 0 ? key : key.slice(0, end + 1);
      };
      for (const key of new Set(keys.map(folder))) yield { key, bytes: objects.get(key)?.byteLength ?? 0 };
    },
    put: unused,
    putNew: unused,
    putIfMatch: unused,
    copy: unused,
    delete: unused,
  };
}
