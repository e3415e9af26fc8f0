import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Transient } from '../../../src/clients/errors.ts';
import type { ListedObject, ListOptions, ObjectStore } from '../../../src/clients/object-store.ts';

/** What every object store promises. `makeStore` returns a store whose bucket exists. */
export function objectStoreSuite(name: string, makeStore: () => ObjectStore | Promise<ObjectStore>): void {
  describe(`${name} as an object store`, () => {
    let store: ObjectStore;
    /** A prefix that only one test uses. */
    const fresh = () => `object-store-suite/${randomUUID()}/`;
    const listed = async (prefix: string, options?: ListOptions) => {
      const objects: ListedObject[] = [];
      for await (const object of store.list(prefix, options)) objects.push(object);
      return objects;
    };
    const keysOf = async (prefix: string, options?: ListOptions) =>
      (await listed(prefix, options)).map((object) => object.key);

    beforeAll(async () => {
      store = await makeStore();
    });

    test('an object is read as it was written, bytes and ETag', async () => {
      const key = `${fresh()}part.bin`;
      const body = Uint8Array.from({ length: 256 * 1024 }, (_, index) => index % 251);
      const etag = await store.put(key, body, { contentType: 'application/zstd' });
      const stored = await store.get(key);
      expect(Buffer.from(stored?.body ?? []).equals(body)).toBe(true);
      expect(stored?.etag).toBe(etag);
      expect(etag).toMatch(/^".+"$/);
    });

    test('text is stored as UTF-8, an empty object is empty', async () => {
      const prefix = fresh();
      await store.put(`${prefix}text`, 'Zoë 😀');
      await store.put(`${prefix}empty`, '');
      expect(Buffer.from((await store.get(`${prefix}text`))?.body ?? []).toString('utf8')).toBe('Zoë 😀');
      expect((await store.get(`${prefix}empty`))?.body.byteLength).toBe(0);
    });

    test('a key that was never written has no object', async () => {
      await expect(store.get(`${fresh()}none`)).resolves.toBeUndefined();
    });

    test('put replaces, putNew never does', async () => {
      const key = `${fresh()}checkpoint-00001.json`;
      await expect(store.putNew(key, 'first')).resolves.toMatch(/^"/);
      await expect(store.putNew(key, 'second')).resolves.toBe('exists');
      expect(Buffer.from((await store.get(key))?.body ?? []).toString()).toBe('first');
      await store.put(key, 'third');
      expect(Buffer.from((await store.get(key))?.body ?? []).toString()).toBe('third');
    });

    test('if many put a new key at once, exactly one succeeds, and its bytes are stored', async () => {
      const key = `${fresh()}fence.json`;
      const writers = Array.from({ length: 25 }, (_, index) => `writer ${index}`);
      // A store may ask one of two concurrent writers to try again.
      const put = (writer: string) =>
        store.putNew(key, writer).catch((error: unknown) => {
          if (error instanceof Transient) return store.putNew(key, writer);
          throw error;
        });
      const answers = await Promise.all(writers.map(put));
      const winners = writers.filter((_, index) => answers[index] !== 'exists');
      expect(winners).toHaveLength(1);
      expect(Buffer.from((await store.get(key))?.body ?? []).toString()).toBe(winners[0]);
    });

    test('putIfMatch replaces only the version that was read', async () => {
      const key = `${fresh()}current.json`;
      const first = await store.put(key, 'first');
      const second = await store.putIfMatch(key, 'second', first);
      expect(second).toMatch(/^"/);
      await expect(store.putIfMatch(key, 'late', first)).resolves.toBe('changed');
      expect(await store.get(key)).toMatchObject({ body: Buffer.from('second'), etag: second });
      await expect(store.putIfMatch(`${fresh()}none`, 'x', first)).resolves.toBe('changed');
    });

    test('if many replace one version at once, exactly one succeeds', async () => {
      const key = `${fresh()}current.json`;
      const read = await store.put(key, 'before');
      const writers = Array.from({ length: 25 }, (_, index) => `writer ${index}`);
      const put = (writer: string) =>
        store.putIfMatch(key, writer, read).catch((error: unknown) => {
          if (error instanceof Transient) return store.putIfMatch(key, writer, read);
          throw error;
        });
      const answers = await Promise.all(writers.map(put));
      const winners = writers.filter((_, index) => answers[index] !== 'changed');
      expect(winners).toHaveLength(1);
      expect(Buffer.from((await store.get(key))?.body ?? []).toString()).toBe(winners[0]);
    });

    test('keys are listed in byte order, with sizes', async () => {
      const prefix = fresh();
      const names = ['a-b', 'a.b', 'a/x', 'ab', 'B', 'é', '\uffee', '😀', 'with space', 'q"\'&<>+=%25'];
      await Promise.all(names.map((name) => store.put(prefix + name, 'x'.repeat(name.length))));
      const inOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      await expect(listed(prefix)).resolves.toMatchObject(
        inOrder.map((name) => ({ key: prefix + name, bytes: name.length })),
      );
    });

    test('a listed object has its ETag and time; a listing can begin after a key', async () => {
      const prefix = fresh();
      const etag = await store.put(`${prefix}a`, 'x');
      await store.put(`${prefix}b`, 'y');
      const [first] = await listed(prefix);
      const head = await store.head(`${prefix}a`);
      expect(first).toEqual({ key: `${prefix}a`, bytes: 1, etag, modifiedMs: head?.modifiedMs });
      expect(Math.abs((head?.modifiedMs ?? 0) - Date.now())).toBeLessThan(3_600_000);
      await expect(keysOf(prefix, { startAfter: `${prefix}a` })).resolves.toEqual([`${prefix}b`]);
      await expect(store.head(`${prefix}none`)).resolves.toBeUndefined();
    });

    test('a range is read of the version that was named, or not at all', async () => {
      const key = `${fresh()}file.csv`;
      const etag = await store.put(key, '0123456789');
      const read = async (from: number, bytes: number, of = etag) => {
        const found = await store.getRange(key, { from, bytes }, of);
        return typeof found === 'string' ? found : Buffer.from(found).toString();
      };
      await expect(read(2, 3)).resolves.toBe('234');
      await expect(read(8, 100)).resolves.toBe('89');
      await expect(read(-4, 4)).resolves.toBe('6789');
      await expect(read(10, 5)).resolves.toBe('');
      await store.put(key, 'others');
      await expect(read(0, 3)).resolves.toBe('changed');
      await expect(store.getRange(`${fresh()}none`, { from: 0, bytes: 1 }, etag)).resolves.toBe('missing');
    });

    test('a copy is made of the version that was named, or not at all', async () => {
      const prefix = fresh();
      const key = `${prefix}a b+c%20é.csv`;
      const etag = await store.put(key, 'first');
      const from = { bucket: store.bucket, key, etag, bytes: 5 };
      await expect(store.copy(from, `${prefix}copy`)).resolves.toMatch(/^"/);
      await store.put(key, 'second');
      await expect(store.copy(from, `${prefix}other`)).resolves.toBe('changed');
      await expect(store.copy({ ...from, key: `${prefix}none` }, `${prefix}other`)).resolves.toBe('missing');
      expect(Buffer.from((await store.get(`${prefix}copy`))?.body ?? []).toString()).toBe('first');
      await expect(keysOf(`${prefix}other`)).resolves.toEqual([]);
    });

    test('a prefix is not a folder, and a delimiter lists the folders', async () => {
      const prefix = fresh();
      const names = [
        'runs/1/plan.json',
        'runs/1/data/a',
        'runs/10/plan.json',
        'runs/2/plan.json',
        'runs/note',
      ];
      await Promise.all(names.map((name) => store.put(prefix + name, '')));
      await expect(keysOf(`${prefix}runs/1`)).resolves.toHaveLength(3);
      await expect(keysOf(`${prefix}runs/`, { delimiter: '/' })).resolves.toEqual(
        ['runs/1/', 'runs/10/', 'runs/2/', 'runs/note'].map((name) => prefix + name),
      );
      await expect(keysOf(`${prefix}none/`)).resolves.toEqual([]);
    });

    test('more keys than a page holds are all listed, once each, and all deleted', async () => {
      const prefix = fresh();
      const keys = Array.from({ length: 1_203 }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
      await Promise.all(keys.map((key) => store.put(key, '')));
      await expect(keysOf(prefix)).resolves.toEqual(keys);
      await store.delete([...keys, `${prefix}never-written`]);
      await expect(keysOf(prefix)).resolves.toEqual([]);
      await store.delete([]);
    });

    test('a put succeeds while other calls delete the last object beside it', async () => {
      const prefix = fresh();
      const writeAndDelete = async (writer: number) => {
        for (let object = 0; object < 150; object++) {
          const key = `${prefix}runs/${writer}-${object}/data/part`;
          await store.putNew(key, 'x');
          await store.delete([key]);
        }
      };
      await Promise.all([1, 2, 3, 4, 5, 6].map(writeAndDelete));
      await expect(keysOf(prefix)).resolves.toEqual([]);
    });

    test('an aborted call is reported as aborted', async () => {
      const signal = AbortSignal.abort();
      const key = `${fresh()}aborted`;
      await expect(store.put(key, 'x', { signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(store.get(key, { signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(keysOf(key)).resolves.toEqual([]);
    });
  });
}
