import { expect, test } from '@jest/globals';
import type { ETag, ObjectStore } from '../../../../src/clients/object-store.ts';
import { areListed, byName, textsByPartition } from '../../../../src/store/datasets/text-files.ts';

const { signal } = new AbortController();
const etag = (key: string): ETag => `"${key.length}"`;

/** A store that lists these keys. */
const files = (keys: readonly string[]) => ({
  at: { prefix: 'reports' },
  store: {
    bucket: 'lake',
    async *list() {
      for (const key of keys.toSorted()) yield { key, bytes: 1, etag: etag(key) };
    },
  } as unknown as ObjectStore,
});

test('text files are listed partition by partition, whatever values their folders are named for', async () => {
  const keys = [
    'reports/files/month=2026-02/1/a-x.tsv',
    'reports/files/month=2026-02/2/b-x.tsv',
    'reports/files/month=2026-02/month=2026-03/c-x.tsv',
    'reports/files/month=2026-03/1/d-x.tsv',
  ];
  const place = files(keys);
  const found = await Array.fromAsync(textsByPartition(place, signal));
  expect(found.map(({ partition, objects }) => [partition, objects.map(({ key }) => key)])).toEqual([
    ['month=2026-02', keys.slice(0, 3)],
    ['month=2026-03', keys.slice(3)],
  ]);
  const [first] = found;
  const listed = byName(place, 'month=2026-02', first?.objects ?? []);
  expect([...listed.keys()]).toEqual(['1/a-x.tsv', '2/b-x.tsv', 'month=2026-03/c-x.tsv']);
  const entry = { name: '1/a-x.tsv', etag: String(keys[0]?.length), bytes: 1, rows: 1, sha256: 'a' };
  expect(areListed([entry], listed)).toBe(true);
  expect(areListed([{ ...entry, etag: 'other' }], listed)).toBe(false);
  expect(areListed([{ ...entry, name: '3/gone.tsv' }], listed)).toBe(false);
  expect(await Array.fromAsync(textsByPartition(files([]), signal))).toEqual([]);
});
