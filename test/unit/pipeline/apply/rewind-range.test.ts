import { describe, expect, test } from '@jest/globals';
import { isInKeySet } from '../../../../src/pipeline/apply/key-set.ts';
import { rewindRange, unknownParent } from '../../../../src/pipeline/apply/rewind-range.ts';
import type { LogShard } from '../../../../src/pipeline/changes/log-documents.ts';
import type { Position } from '../../../../src/pipeline/load/positions.ts';

const shard = (id: string, parent?: string): LogShard => ({
  ...{ version: 1, shard: id, foundAt: '', open: true, since: '' },
  ...(parent === undefined ? {} : { parent }),
});
const at = (id: string, checkpoint: number): Position => ({
  ...{ epoch: 'e', shard: id, checkpoint, ended: false },
});

describe('the range of a rewind', () => {
  test('has parents in a group before their children, up to the positions', () => {
    const shards = [shard('c', 'b'), shard('b', 'a'), shard('a'), shard('x'), shard('not applied', 'x')];
    const positions = [at('c', 2), at('b', 3), at('a', 4), at('x', 5)];
    expect(rewindRange(shards, positions, new Map([['a', 1]]))).toEqual([
      [
        { shard: 'a', after: 1, upTo: 4 },
        { shard: 'x', after: 0, upTo: 5 },
      ],
      [{ shard: 'b', after: 0, upTo: 3 }],
      [{ shard: 'c', after: 0, upTo: 2 }],
    ]);
  });

  test('leaves out shards without changes since then, also those that are ahead of the positions', () => {
    const positions = [at('a', 4), at('b', 0), at('c', 2)];
    expect(
      rewindRange(
        [shard('a'), shard('b'), shard('c')],
        positions,
        new Map([
          ['a', 4],
          ['c', 7],
        ]),
      ),
    ).toEqual([]);
  });

  test('is unknown if the schema says nothing of a parent', () => {
    const shards = [shard('a'), shard('b', 'a'), shard('c', 'gone')];
    expect(unknownParent(shards, [at('a', 1), at('b', 1), at('c', 1)])).toBeUndefined();
    expect(unknownParent(shards, [at('b', 1)])).toBe('a');
    expect(unknownParent(shards, [at('a', 1)])).toBeUndefined();
  });
});

test('a key is in one set of each number of sets, and stays in the half that its hash says', () => {
  const key = [{ name: 'id', kind: 'N' as const }];
  for (let n = 0; n < 200; n++) {
    const item = { id: { N: String(n) } };
    const sets = (of: number) =>
      Array.from({ length: of }, (_, number) => number).filter((number) =>
        isInKeySet(key, item, { of, number }),
      );
    const [four, eight] = [sets(4), sets(8)];
    expect(four).toHaveLength(1);
    expect(eight).toHaveLength(1);
    expect(eight[0]! % 4).toBe(four[0]);
    expect(isInKeySet(key, { id: { N: `${n}.0` } }, { of: 8, number: eight[0]! })).toBe(true);
  }
});
