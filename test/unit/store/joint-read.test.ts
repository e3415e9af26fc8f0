import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { findUnchanging } from '../../../src/store/joint-read.ts';

/** A store whose reads are answered one by one. */
function storeOf() {
  const reads: { answer(body: string | undefined): void; fail(error: Error): void }[] = [];
  const store = {
    bucket: 'bucket',
    get: () =>
      new Promise((resolve, reject) => {
        reads.push({
          answer: (body) =>
            resolve(body === undefined ? undefined : { body: Buffer.from(body), etag: '"1"' }),
          fail: reject,
        });
      }),
  } as unknown as ObjectStore;
  return { store, reads };
}

const document = (store: ObjectStore, key = 'manifest.json') => ({
  store,
  key,
  schema: z.object({ rows: z.number() }),
});

describe('a document that never changes', () => {
  test('is read once for all that ask while it is read', async () => {
    const { store, reads } = storeOf();
    const found = [findUnchanging(document(store)), findUnchanging(document(store))];
    expect(reads).toHaveLength(1);
    reads[0]?.answer('{"rows": 3}');
    const [first, second] = await Promise.all(found);
    expect(first).toEqual({ rows: 3 });
    expect(second).toBe(first);
  });

  test('is read again later, and by its own key and store', async () => {
    const [one, another] = [storeOf(), storeOf()];
    const found = [
      findUnchanging(document(one.store)),
      findUnchanging(document(one.store, 'other.json')),
      findUnchanging(document(another.store)),
    ];
    one.reads[0]?.answer('{"rows": 1}');
    one.reads[1]?.answer('{"rows": 2}');
    another.reads[0]?.answer(undefined);
    expect(await Promise.all(found)).toEqual([{ rows: 1 }, { rows: 2 }, undefined]);
    const later = findUnchanging(document(one.store));
    one.reads[2]?.answer('{"rows": 4}');
    expect(await later).toEqual({ rows: 4 });
  });

  test('is read on for the others if one of them aborts', async () => {
    const { store, reads } = storeOf();
    const aborting = new AbortController();
    const aborted = findUnchanging(document(store), aborting.signal);
    const other = findUnchanging(document(store));
    aborting.abort(new Error('cancelled'));
    await expect(aborted).rejects.toThrow('cancelled');
    reads[0]?.answer('{"rows": 3}');
    expect(await other).toEqual({ rows: 3 });
  });

  test('that cannot be read fails for all of them, and is read again', async () => {
    const { store, reads } = storeOf();
    const found = [findUnchanging(document(store)), findUnchanging(document(store))];
    reads[0]?.fail(new Error('no answer'));
    expect(await Promise.allSettled(found)).toEqual([
      { status: 'rejected', reason: new Error('no answer') },
      { status: 'rejected', reason: new Error('no answer') },
    ]);
    const again = findUnchanging(document(store));
    reads[1]?.answer('{"rows": 3}');
    expect(await again).toEqual({ rows: 3 });
  });
});
