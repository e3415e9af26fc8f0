import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ScriptedProxy, startScriptedProxy } from '../../../../local/fault-proxy/scripted-proxy.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../../../src/clients/s3/s3-object-store.ts';
import type { Limits } from '../../../../src/pipeline/loader/batching.ts';
import {
  batchKey,
  inboxDirectory,
  inboxPageKey,
  openKey,
} from '../../../../src/pipeline/loader/loader-directory.ts';
import type { Batch, BatchClosed } from '../../../../src/pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../../../src/pipeline/loader/source-file.ts';
import {
  batchDocument,
  batchFailureDocument,
  batchState,
  type LoaderFiles,
  markedOpen,
} from '../../../../src/store/loader/batch-files.ts';
import { closeBatch } from '../../../../src/store/loader/close-batch.ts';
import { splitBatch } from '../../../../src/store/loader/split-batch.ts';
import { type Known, takeBatch } from '../../../../src/store/loader/take-batch.ts';
import { useStackCredentials } from '../../clients/use-stack-credentials.ts';
import { testStack } from '../../setup/stack.ts';

const { endpoint, bucket } = testStack().s3;
useStackCredentials();
const { signal } = new AbortController();

/** Before the pages are written. */
const START = Date.parse('2020-11-30T08:00:00Z');
const LIMITS: Limits = { maxFiles: 2, maxBytes: 1e9, maxSeconds: 60 };
const FRESH: Known = { open: [], newest: 0, tidied: 0 };

const realStore = (at = endpoint) => createS3ObjectStore({ client: s3Client({ endpoint: at }), bucket });

/** A new table's directory. */
const fresh = (store: ObjectStore = realStore()): LoaderFiles => ({
  store,
  at: { prefix: 'test-loaders', table: { workgroup: 'w', database: 'd', schema: 's', table: randomUUID() } },
});

const file = (key: string, seconds = 0): SourceFile => ({
  bucket: 'landing',
  key,
  etag: `e-${key}`,
  bytes: 10,
  at: new Date(START + seconds * 1000).toISOString(),
  loader: 'quakes',
});

const pageKey = ({ at }: LoaderFiles, name: string) => inboxPageKey(at, START, name);

async function arrive(files: LoaderFiles, name: string, ...keys: string[]): Promise<void> {
  const page = { version: 1, files: keys.map((key) => file(key)) };
  await files.store.putNew(pageKey(files, name), JSON.stringify(page));
}

const take = (files: LoaderFiles, known: Partial<Known> = {}, seconds = 0, limits = LIMITS) =>
  takeBatch(
    files,
    { known: { ...FRESH, ...known }, limits, now: () => START + seconds * 1000, take: true },
    signal,
  );

const keysOf = (batch: Batch | undefined) => batch?.files.map(({ key }) => key).join(' ');

async function inbox({ store, at }: LoaderFiles): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(inboxDirectory(at))) {
    const page = JSON.parse(Buffer.from((await store.get(key))!.body).toString()) as { files: SourceFile[] };
    keys.push(page.files.map((each) => each.key).join(' '));
  }
  return keys;
}

const loaded: BatchClosed = {
  version: 1,
  outcome: 'loaded',
  at: 'now',
  files: 1,
  bytes: 1,
  rows: 1,
  merged: 1,
  deleted: 0,
  setAside: 0,
  others: [],
  newColumns: [],
};
const close = (files: LoaderFiles, batch: number) => closeBatch(files, batch, loaded, signal);

describe('a batch is taken from the inbox', () => {
  test('of many full pages, only those that the batch needs are read, each once, also beside open batches', async () => {
    const store = realStore();
    const read: string[] = [];
    const counting: ObjectStore = {
      ...store,
      get: (key, ...rest) => {
        if (key.includes('/inbox/')) read.push(key.slice(-'p00.json'.length));
        return store.get(key, ...rest);
      },
    };
    const files = fresh(counting);
    for (let page = 10; page < 40; page++) {
      const keys = Array.from({ length: 1000 }, (_, i) => `${'folder/'.repeat(20)}${page}-${i}`);
      await arrive(files, `p${page}`, ...keys);
    }
    const limits = { ...LIMITS, maxFiles: 1500 };
    const first = await take(files, {}, 0, limits);
    expect(first.taken?.files).toHaveLength(1500);
    expect(first.waiting).toMatchObject({ estimated: true, files: 28_500 });
    // The second page is read once more, to keep what is left of it.
    expect(read).toEqual(['p10.json', 'p11.json', 'p11.json']);
    read.splice(0);
    const second = await take(files, { open: [1], newest: 1, tidied: 1 }, 0, limits);
    expect(second.taken?.files).toHaveLength(1500);
    expect(read).toHaveLength(2);
    expect(read).toContain('p12.json');
  });

  test('five files with a batch size of two: two batches, and one file waits for its age', async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b', 'c');
    await arrive(files, 'p2', 'd', 'e');
    const first = await take(files);
    expect(first.taken).toMatchObject({ batch: 1, reason: 'files', pages: [pageKey(files, 'p1')] });
    expect(keysOf(first.taken)).toBe('a b');
    expect(first).toMatchObject({ newest: 1, tidied: 1, waiting: { files: 3, bytes: 30 } });
    const second = await take(files, { open: [1], newest: 1, tidied: 1 });
    expect(second.taken).toMatchObject({ batch: 2 });
    expect(keysOf(second.taken)).toBe('c d');
    const third = await take(files, { open: [1, 2], newest: 2, tidied: 2 }, 59);
    expect(third.taken).toBeUndefined();
    expect(third).toMatchObject({
      dueAtMs: START + 60_000,
      waiting: { files: 1, bytes: 10, oldestMs: START },
    });
    expect(await inbox(files)).toEqual(['e']);
    const last = await take(files, { open: [1, 2], newest: 2, tidied: 2 }, 60);
    expect(last.taken).toMatchObject({ batch: 3, reason: 'age' });
    expect(await inbox(files)).toEqual([]);
    expect(await markedOpen(files, signal)).toEqual([1, 2, 3]);
  });

  test('only if the caller wants it', async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b', 'c');
    const look = await takeBatch(
      files,
      { known: FRESH, limits: LIMITS, now: () => START, take: false },
      signal,
    );
    expect(look).toMatchObject({ newest: 0, waiting: { files: 3 } });
    expect(look.taken).toBeUndefined();
    expect(await inbox(files)).toEqual(['a b c']);
  });

  test('without the files of a batch that is parked; a page of nothing else is removed', async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b');
    await take(files);
    await arrive(files, 'p2', 'a', 'b');
    await arrive(files, 'p3', 'b', 'c');
    const known = { open: [1], newest: 1, tidied: 1 };
    expect(keysOf((await take(files, known, 60)).taken)).toBe('c');
    await arrive(files, 'p4', 'a', 'b');
    expect((await take(files, { open: [1, 2], newest: 2, tidied: 2 })).taken).toBeUndefined();
    expect(await inbox(files)).toEqual([]);
  });

  test('and only the pages that it needs are read; how many files wait is then an estimate', async () => {
    let reads = 0;
    const store = realStore();
    const files = fresh({
      ...store,
      get: (key, options) => {
        if (key.includes('/inbox/')) reads++;
        return store.get(key, options);
      },
    });
    for (let page = 0; page < 60; page++) await arrive(files, `p${10 + page}`, `a${page}`, `b${page}`);
    const look = await take(files);
    expect(reads).toBeLessThanOrEqual(16);
    expect(look.waiting.estimated).toBe(true);
    expect(look.waiting.files).toBeGreaterThan(110);
    expect(look.waiting.files).toBeLessThan(130);
  });

  test('with the number after the newest one, also if nothing is known, and past a million', async () => {
    const files = fresh();
    const empty = { version: 1, batch: 999_999, createdAt: 'now', reason: 'age', files: [], pages: [] };
    await files.store.put(batchKey(files.at, 999_999), JSON.stringify(empty));
    await arrive(files, 'p1', 'a', 'b', 'c', 'd');
    expect((await take(files)).taken?.batch).toBe(1_000_000);
    expect((await take(files, { open: [1_000_000] })).taken?.batch).toBe(1_000_001);
    expect((await take(files, { open: [1_000_000, 1_000_001], newest: 999_999 }, 60)).newest).toBe(1_000_001);
  });
});

describe('a loader that knows nothing finds', () => {
  test('batches that are open and parked ones, and no closed ones, whose marks it removes', async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b', 'c', 'd', 'e', 'f');
    for (const open of [[], [1], [1, 2]]) await take(files, { open });
    await close(files, 1);
    const failure = { version: 1, code: 'LoadFailed', message: 'line 3', at: 'now' } as const;
    await files.store.put(batchFailureDocument(files, 2).key, JSON.stringify(failure));
    await arrive(files, 'p2', 'g', 'h');
    const look = await take(files);
    expect(look.found).toMatchObject([
      { state: 'parked', batch: { batch: 2 }, failure },
      { state: 'open', batch: { batch: 3 } },
    ]);
    // The open one comes first: nothing is taken.
    expect(look.taken).toBeUndefined();
    expect(await markedOpen(files, signal)).toEqual([2, 3]);
    const next = await take(files, { open: [2, 3] });
    expect(next.found).toEqual([]);
    expect(keysOf(next.taken)).toBe('g h');
  });
});

class Died extends Error {}

/** A store whose process dies before the nth call that changes something. */
function dyingBefore(nth: number, store: ObjectStore): ObjectStore {
  let calls = 0;
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls++;
      if (calls >= nth) throw new Died();
      return call(...args);
    };
  return {
    ...store,
    put: counted(store.put.bind(store)),
    putNew: counted(store.putNew.bind(store)),
    delete: counted(store.delete.bind(store)),
  };
}

/** Takes and loads batches as a loader would that remembers nothing, until nothing waits. @returns each batch's files */
async function drained(files: LoaderFiles): Promise<string[]> {
  const batches: string[] = [];
  for (;;) {
    const { found, taken } = await take(files, {}, 1000);
    const batch = found[0]?.batch ?? taken;
    if (batch === undefined) return batches;
    batches.push(keysOf(batch) ?? '');
    await close(files, batch.batch);
  }
}

describe('no file is lost, and none is in two batches, if the process dies', () => {
  // Mark, batch, page of what is left over, deletion of pages: the fifth never comes.
  test.each([1, 2, 3, 4, 5])('before its change number %i', async (nth) => {
    const files = fresh();
    await arrive(files, 'p1', 'a');
    await arrive(files, 'p2', 'b', 'c', 'd');
    await arrive(files, 'p3', 'e');
    const dying = { ...files, store: dyingBefore(nth, files.store) };
    const outcome = await take(dying).then(
      () => 'lived',
      (error: unknown) => (error instanceof Died ? 'died' : error),
    );
    expect(outcome).toBe(nth === 5 ? 'lived' : 'died');
    expect((await drained(files)).join(' ').split(' ').sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await inbox(files)).toEqual([]);
    expect(await markedOpen(files, signal)).toEqual([]);
  });

  test('at each change of many batches in a row', async () => {
    const files = fresh();
    for (let page = 0; page < 6; page++) await arrive(files, `p${page}`, `a${page}`, `b${page}`, `c${page}`);
    const loadedFiles: string[] = [];
    for (let life = 0; ; life++) {
      const dying = { ...files, store: dyingBefore(1 + (life % 5), files.store) };
      try {
        const { found, taken } = await take(dying, {}, 1000);
        const batch = found[0]?.batch ?? taken;
        if (batch === undefined) break;
        loadedFiles.push(...batch.files.map(({ key }) => key));
        await close(files, batch.batch);
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      }
    }
    expect(loadedFiles).toHaveLength(18);
    expect(new Set(loadedFiles).size).toBe(18);
  });
});

describe('of planners at the same time', () => {
  test('each batch is written by one, and every file is in exactly one batch', async () => {
    const files = fresh();
    for (let page = 0; page < 5; page++) await arrive(files, `p${page}`, `a${page}`, `b${page}`, `c${page}`);
    const looks = await Promise.all([1, 2, 3, 4].map(() => take(files)));
    // Those that lost found the winner's batch instead.
    const seen = looks.flatMap(({ taken, found }) => [
      taken?.batch,
      ...found.map(({ batch }) => batch.batch),
    ]);
    expect(new Set(seen.filter((batch) => batch !== undefined))).toEqual(new Set([1]));
    const first = keysOf((await batchDocumentValue(files, 1)) as Batch);
    await close(files, 1);
    const all = [first, ...(await drained(files))].join(' ').split(' ');
    expect(all).toHaveLength(15);
    expect(new Set(all).size).toBe(15);
  });

  test('one that was frozen before its claim loses, and takes nothing', async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b', 'c');
    const frozen = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const slow: ObjectStore = {
      ...files.store,
      putNew: async (key, body, options) => {
        if (key.endsWith('/batch.json')) {
          reached.resolve();
          await frozen.promise;
        }
        return files.store.putNew(key, body, options);
      },
    };
    const zombie = take({ ...files, store: slow });
    await reached.promise;
    await take(files, {}, 1);
    await arrive(files, 'p2', 'd');
    frozen.resolve();
    expect(await zombie).toMatchObject({ found: [{ state: 'open', batch: { batch: 1 } }] });
    expect(await inbox(files)).toEqual(['c', 'd']);
  });
});

async function batchDocumentValue(files: LoaderFiles, number: number): Promise<Batch | undefined> {
  const state = await batchState(files, number, signal);
  return 'batch' in state ? state.batch : undefined;
}

/** The response to the write of `batch.json` is lost. */
const losing = (store: ObjectStore, proxy: ScriptedProxy): ObjectStore => ({
  ...store,
  putNew: (key, body, options) => {
    if (key.endsWith('/batch.json')) proxy.next([{ kind: 'answer lost' }]);
    return store.putNew(key, body, options);
  },
});

describe('a lost response', () => {
  let proxy: ScriptedProxy;
  beforeAll(async () => {
    proxy = await startScriptedProxy(endpoint);
  });
  afterAll(() => proxy.close());

  test('to the claim changes nothing: the batch is the caller’s', async () => {
    const files = fresh(realStore(proxy.endpoint));
    await arrive(files, 'p1', 'a', 'b');
    const { taken } = await take({ ...files, store: losing(files.store, proxy) });
    expect(taken).toMatchObject({ batch: 1 });
    expect(await inbox(files)).toEqual([]);
  });
});

describe('a parked batch is split', () => {
  const parked = async () => {
    const files = fresh();
    await arrive(files, 'p1', 'a', 'b', 'c', 'd', 'e');
    await take(files, {}, 0, { ...LIMITS, maxFiles: 5 });
    return files;
  };
  const split = (files: LoaderFiles, batch = 1) => splitBatch(files, batch, () => START, signal);

  test('into two, which have numbers of their own and half of its files each, and is closed', async () => {
    const files = await parked();
    expect(await split(files)).toMatchObject({
      kind: 'split',
      into: [
        { batch: 2, splitFrom: 1, reason: 'split', files: [{ key: 'a' }, { key: 'b' }, { key: 'c' }] },
        { batch: 3, splitFrom: 1, reason: 'split', files: [{ key: 'd' }, { key: 'e' }] },
      ],
    });
    expect(await batchState(files, 1, signal)).toMatchObject({ state: 'closed', closed: { into: [2, 3] } });
    expect((await take(files)).found).toMatchObject([{ batch: { batch: 2 } }, { batch: { batch: 3 } }]);
  });

  test('once: a second attempt finds the same parts, wherever the first one died', async () => {
    for (const nth of [1, 2, 3, 4, 5, 6]) {
      const files = await parked();
      await split({ ...files, store: dyingBefore(nth, files.store) }).catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      expect(await split(files)).toMatchObject({ kind: 'split', into: [{ batch: 2 }, { batch: 3 }] });
      expect((await take(files)).found).toHaveLength(2);
      expect((await batchState(files, 4, signal)).state).toBe('absent');
    }
  });

  test('unless it has a single file', async () => {
    const files = await parked();
    await split(files);
    await split(files, 3);
    expect(await split(files, 4)).toEqual({ kind: 'refused', why: 'it has a single file' });
  });

  test('unless it was loaded in the meantime: its parts are closed', async () => {
    const files = await parked();
    const racing: ObjectStore = {
      ...files.store,
      putNew: async (key, body, options) => {
        if (key.endsWith('000001/closed.json')) await close(files, 1);
        return files.store.putNew(key, body, options);
      },
    };
    expect(await split({ ...files, store: racing })).toEqual({ kind: 'closed before', outcome: 'loaded' });
    for (const part of [2, 3]) {
      expect(await batchState(files, part, signal)).toMatchObject({
        state: 'closed',
        closed: { outcome: 'superseded', by: 1 },
      });
    }
    expect((await take(files)).found).toEqual([]);
    expect(await files.store.head(openKey(files.at, 2))).toBeUndefined();
  });
});

test('a damaged page is named, with what to do', async () => {
  const files = fresh();
  await files.store.put(pageKey(files, 'p1'), '{"version":1');
  await expect(take(files)).rejects.toMatchObject({
    code: 'DamagedFile',
    message: expect.stringMatching(/inbox\/.*p1\.json is not JSON.*tributary load/),
  });
});

test('a damaged batch is named, with what to do', async () => {
  const files = fresh();
  await arrive(files, 'p1', 'a', 'b');
  await take(files);
  await files.store.put(batchDocument(files, 1).key, '{}');
  await expect(take(files)).rejects.toMatchObject({
    code: 'DamagedFile',
    message: expect.stringMatching(/batches\/000001\/batch\.json is not what/),
  });
});
