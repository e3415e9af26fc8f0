import { expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { pointerIndexKey, pointerKey } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import type { Pointer } from '../../../../src/pipeline/datasets/documents.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';

const { signal } = new AbortController();
const at = { prefix: 'reports' };
const partitions = Array.from({ length: 150 }, (_, day) => `day=${1000 + day}`);
const content = { columnsId: 'c', rows: 0, sums: ['0', '0'] as [string, string] };
const revision = (number: number): Pointer => ({
  ...{ version: 1, revision: number, generation: number, id: `g${number}`, publishedAt: '', content },
});
const body = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a plan gets the pointers that it listed, even if another one reads an older index meanwhile', async () => {
  const index = {
    version: 1,
    pointers: partitions.map((partition) => ({ partition, etag: '1', pointer: revision(1) })),
  };
  const [lastIsAsked, indexIsRead, firstIsDone] = Array.from({ length: 3 }, () =>
    Promise.withResolvers<void>(),
  );
  const [firstKey, lastKey] = [partitions[0], partitions.at(-1)].map((partition = '') =>
    pointerKey(at, partition),
  );
  const asked = new Map<string, number>();
  const store = {
    bucket: 'lake',
    async *list() {
      for (const partition of partitions) yield { key: pointerKey(at, partition), bytes: 1, etag: '"2"' };
    },
    put: async () => '"3"',
    get: async (key: string) => {
      const times = (asked.get(key) ?? 0) + 1;
      asked.set(key, times);
      if (key === pointerIndexKey(at)) {
        // The second one reads the index once the first one has all pointers but one, which it gets once that is read.
        if (times === 2) await lastIsAsked?.promise;
        return { body: body(index), etag: '"9"' };
      }
      if (key === lastKey && times === 1) {
        lastIsAsked?.resolve();
        await indexIsRead?.promise;
      }
      if (key === firstKey && times === 2) {
        indexIsRead?.resolve();
        await firstIsDone?.promise;
      }
      return { body: body(revision(2)), etag: '"2"' };
    },
  } as unknown as ObjectStore;
  const pointers = new Pointers();
  const revisions = async () => {
    const found = await pointers.of({ store, at }, signal);
    firstIsDone?.resolve();
    return new Set([...found.values()].map((pointer) => pointer.revision));
  };
  expect(await Promise.all([revisions(), revisions()])).toEqual([new Set([2]), new Set([2])]);
});
