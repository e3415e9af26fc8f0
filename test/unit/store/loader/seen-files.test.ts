import { describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import type { Listing } from '../../../../src/pipeline/loader/listing.ts';
import { SeenFiles } from '../../../../src/store/loader/seen-files.ts';

type Seen = Listing['seen'];
const { signal } = new AbortController();

/** The objects of a bucket, in memory: all that the record of a listing needs of one. */
class Bucket {
  readonly objects = new Map<string, string>();
  puts = 0;
  readonly store = {
    bucket: 'memory',
    put: async (key: string, body: string) => {
      this.objects.set(key, body);
      this.puts++;
      return '"etag"';
    },
    get: async (key: string) => {
      const body = this.objects.get(key);
      return body === undefined ? undefined : { body: Buffer.from(body), etag: '"etag"' };
    },
  } as unknown as ObjectStore;

  /** Lists files of `[key, etag]`. @returns the keys that are new, and what has been seen then */
  async pass(seen: Seen, files: Iterable<readonly [string, string]>) {
    const pass = new SeenFiles({ store: this.store, keyOf: (hash) => hash }, seen, signal);
    const found: string[] = [];
    const kept: Seen[] = [];
    for (const [key, etag] of files) {
      const { isNew, turned } = await pass.see(key, etag);
      if (turned) kept.push(pass.soFar());
      if (isNew) found.push(key);
    }
    return { found, kept, seen: await pass.finish() };
  }
}

const key = (n: number) => `day/${String(n).padStart(7, '0')}.csv`;
const files = (from: number, to: number, etag = 'v1') =>
  Array.from({ length: to - from }, (_, i) => [key(from + i), etag] as const);

test('a file is new once, and again when it is overwritten', async () => {
  const bucket = new Bucket();
  const first = await bucket.pass(
    [],
    [
      ['a', '1'],
      ['b', '1'],
    ],
  );
  expect(first.found).toEqual(['a', 'b']);
  expect(
    (
      await bucket.pass(first.seen, [
        ['a', '1'],
        ['b', '1'],
      ])
    ).found,
  ).toEqual([]);
  expect(
    (
      await bucket.pass(first.seen, [
        ['a', '2'],
        ['b', '1'],
      ])
    ).found,
  ).toEqual(['a']);
});

test('files before, between and after the known ones are new', async () => {
  const bucket = new Bucket();
  const { seen } = await bucket.pass(
    [],
    [
      ['b', '1'],
      ['d', '1'],
    ],
  );
  const again = await bucket.pass(seen, [
    ['a', '1'],
    ['b', '1'],
    ['c', '1'],
    ['d', '1'],
    ['e', '1'],
  ]);
  expect(again.found).toEqual(['a', 'c', 'e']);
});

test('keys are compared as S3 orders them, by their bytes in UTF-8', async () => {
  const bucket = new Bucket();
  // U+FF5E comes before U+1F30B in UTF-8, and after it in UTF-16.
  const keys = [
    ['\uff5e', '1'],
    ['\u{1f30b}', '1'],
  ] as const;
  const { seen } = await bucket.pass([], keys);
  expect((await bucket.pass(seen, keys)).found).toEqual([]);
});

describe('a hundred thousand files', () => {
  const bucket = new Bucket();
  let seen: Seen = [];

  test('are in shards of bounded size, each written once', async () => {
    const pass = await bucket.pass([], files(0, 100_000));
    expect(pass.found).toHaveLength(100_000);
    seen = pass.seen;
    expect(seen.map((shard) => shard.files)).toEqual(Array.from({ length: 20 }, () => 5_000));
    expect(bucket.puts).toBe(20);
  });

  test('cost no write when nothing is new', async () => {
    const before = bucket.puts;
    const pass = await bucket.pass(seen, files(0, 100_000));
    expect(pass.found).toEqual([]);
    expect(pass.seen).toEqual(seen);
    expect(bucket.puts).toBe(before);
  });

  test('cost one shard when one of them is new', async () => {
    const before = bucket.puts;
    const some = [...files(0, 42_000), [`${key(41_999)}x`, 'v1'] as const, ...files(42_000, 100_000)];
    const pass = await bucket.pass(seen, some);
    expect(pass.found).toEqual([`${key(41_999)}x`]);
    expect(bucket.puts - before).toBe(2);
    expect((await bucket.pass(pass.seen, some)).found).toEqual([]);
  });

  test('that appear at the end are split into shards, and what is kept on the way is right', async () => {
    const pass = await bucket.pass(seen, files(0, 130_000));
    expect(pass.found).toEqual(files(100_000, 130_000).map(([name]) => name));
    // Whatever was kept last: what it does not know is announced again, and nothing is forgotten.
    for (const kept of pass.kept) {
      const { found } = await bucket.pass(kept, files(0, 130_000));
      expect(found.every((name) => name >= key(100_000))).toBe(true);
    }
    expect(Math.max(...pass.seen.map((shard) => shard.files))).toBeLessThanOrEqual(5_000);
  });

  test('that are no longer listed leave the record with the next rewrite', async () => {
    const pass = await bucket.pass(seen, files(90_000, 100_001));
    expect(pass.found).toEqual([key(100_000)]);
    expect(pass.seen.reduce((sum, shard) => sum + shard.files, 0)).toBe(10_001);
  });

  test('are announced again if their shard is lost, and only they', async () => {
    const lost = seen[3]!.hash;
    bucket.objects.delete(lost);
    const { found } = await bucket.pass(seen, files(0, 100_000));
    expect(found).toEqual(files(15_000, 20_000).map(([name]) => name));
  });
});
