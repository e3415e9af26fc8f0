import { describe, expect, test } from '@jest/globals';
import { lastHeld, startPositions } from '../../../../src/pipeline/changes/start-positions.ts';

const open = (number: number) => ({ number, ended: false });
const ended = (number: number) => ({ number, ended: true });
const places = (...args: Parameters<typeof startPositions>) =>
  startPositions(...args).map(({ shard, checkpoint, ended: isEnded }) => [
    shard,
    isEnded ? `${checkpoint} ended` : checkpoint,
  ]);

describe('the positions that a refresh starts from', () => {
  test('are the last checkpoints that its scan certainly sees', () => {
    expect(startPositions('e', ['a'], [{ shard: 'a', held: open(7), last: open(9) }])).toEqual([
      { epoch: 'e', shard: 'a', checkpoint: 7, ended: false },
    ]);
  });

  test('are 0 for a root that has no checkpoint that old, or that has not been read yet', () => {
    expect(places('e', ['a', 'b'], [{ shard: 'a', last: open(1) }])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  test('follow a lineage as far as its shards have ended', () => {
    const shards = [
      { shard: 'a', held: ended(3), last: ended(3) },
      { shard: 'b', parent: 'a', held: ended(2), last: ended(2) },
      { shard: 'c', parent: 'b', held: open(1), last: open(4) },
      { shard: 'd', parent: 'b', last: open(1) },
    ];
    expect(places('e', ['a'], shards)).toEqual([
      ['a', '3 ended'],
      ['b', '2 ended'],
      ['c', 1],
    ]);
  });

  test('leave out a shard whose parent has not ended there: its changes come after the parent’s', () => {
    const shards = [
      { shard: 'a', held: open(3), last: ended(5) },
      { shard: 'b', parent: 'a', held: open(1) },
      { shard: 'c', parent: 'b', held: ended(1) },
    ];
    expect(places('e', ['a'], shards)).toEqual([['a', 3]]);
  });

  test('include a shard behind a gap: its parent was never seen', () => {
    const shards = [
      { shard: 'a', held: open(3) },
      { shard: 'x', parent: 'lost', held: open(5) },
      { shard: 'y', parent: 'lost' },
    ];
    expect(places('e', ['a'], shards)).toEqual([
      ['a', 3],
      ['x', 5],
      ['y', 0],
    ]);
  });

  test('lie behind a gap in a shard, also if that was noticed just now', () => {
    const shards = [{ shard: 'a', held: open(3), last: open(6), gapAt: 5 }];
    expect(places('e', ['a'], shards)).toEqual([['a', 5]]);
  });

  test('lie behind all that precedes a gap, also if that was recorded just now', () => {
    const shards = [
      { shard: 'a', held: open(3), last: ended(6), gapAt: 4 },
      { shard: 'b', parent: 'a', last: ended(1) },
      { shard: 'c', parent: 'b', last: open(4), gapAt: 2 },
      { shard: 'd', parent: 'b', last: open(4) },
    ];
    expect(places('e', ['a'], shards)).toEqual([
      ['a', '6 ended'],
      ['b', '1 ended'],
      ['c', 2],
    ]);
  });

  test('do not depend on the order of the shards', () => {
    const shards = [
      { shard: 'c', parent: 'b', held: open(1) },
      { shard: 'b', parent: 'a', held: ended(2) },
      { shard: 'a', held: ended(3) },
    ];
    expect(places('e', ['a'], shards)).toEqual(places('e', ['a'], shards.toReversed()));
    expect(places('e', ['a'], shards)).toHaveLength(3);
  });
});

describe('the last checkpoint that is old enough', () => {
  const find = async (writtenAt: readonly number[], notAfter: number) => {
    const reads: number[] = [];
    const found = await lastHeld(
      writtenAt.map((_, i) => i + 1),
      async (number) => {
        reads.push(number);
        return { number, writtenAt: writtenAt[number - 1] as number };
      },
      (checkpoint) => checkpoint.writtenAt <= notAfter,
    );
    return { number: found?.number, reads: reads.length };
  };

  test('is found wherever it is', async () => {
    const times = [10, 20, 20, 30, 40];
    for (const [notAfter, number] of [
      [5, undefined],
      [10, 1],
      [20, 3],
      [39, 4],
      [99, 5],
    ] as const)
      expect((await find(times, notAfter)).number).toBe(number);
    expect((await find([], 9)).number).toBeUndefined();
  });

  test('is found by one read if it is the last, and by few among many', async () => {
    const times = Array.from({ length: 40_000 }, (_, i) => i);
    expect(await find(times, 99_999)).toEqual({ number: 40_000, reads: 1 });
    const { number, reads } = await find(times, 31_234);
    expect(number).toBe(31_235);
    expect(reads).toBeLessThan(18);
  });
});
