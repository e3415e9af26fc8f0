import { describe, expect, test } from '@jest/globals';
import { ReadOrder } from '../../../../src/pipeline/apply/read-order.ts';
import type { LogShard } from '../../../../src/pipeline/changes/log-documents.ts';
import type { Position } from '../../../../src/pipeline/load/positions.ts';

const EPOCH = 'e';
const shard = (id: string, parent?: string, gap?: string): LogShard => ({
  ...{ version: 1, shard: id, foundAt: '', open: true, since: '' },
  ...(parent === undefined ? {} : { parent }),
  ...(gap === undefined ? {} : { gap }),
});
const position = (id: string, checkpoint: number, ended = false, epoch = EPOCH): Position => ({
  ...{ epoch, shard: id, checkpoint, ended },
});

describe('the order in which an apply reads the log', () => {
  const shards = [shard('a'), shard('b', 'a'), shard('c', 'a'), shard('d', 'c')];

  test('a shard is read from its position on, and a child only after its parent has ended', () => {
    const order = new ReadOrder(EPOCH, shards, [position('a', 3)]);
    expect(order.readable()).toEqual([{ shard: 'a', after: 3 }]);
    order.took({ shard: 'a', number: 4, ended: false });
    expect(order.readable()).toEqual([{ shard: 'a', after: 4 }]);
    order.took({ shard: 'a', number: 5, ended: true });
    expect(order.readable()).toEqual([
      { shard: 'b', after: 0 },
      { shard: 'c', after: 0 },
    ]);
    order.took({ shard: 'c', number: 1, ended: true });
    expect(order.readable().map((from) => from.shard)).toEqual(['b', 'd']);
    expect(order.moved()).toEqual([position('a', 5, true), position('c', 1, true)]);
  });

  test('a parent that ended in an earlier apply counts; one of another log does not', () => {
    const ended = position('a', 5, true);
    expect(new ReadOrder(EPOCH, shards, [ended]).readable().map((from) => from.shard)).toEqual(['b', 'c']);
    expect(new ReadOrder(EPOCH, shards, [{ ...ended, epoch: 'earlier' }]).readable()).toEqual([]);
  });

  test('a root without a position is not read: nothing tells whether the schema has its changes', () => {
    expect(new ReadOrder(EPOCH, [shard('a'), shard('x')], [position('a', 0)]).readable()).toEqual([
      { shard: 'a', after: 0 },
    ]);
  });

  test('nothing is read past a gap, in other shards it is', () => {
    const order = new ReadOrder(EPOCH, shards, [position('a', 5, true)]);
    order.metGap('b', 'lost');
    expect(order.readable().map((from) => from.shard)).toEqual(['c']);
    expect([...order.gaps()]).toEqual([['b', 'lost']]);
  });

  test('what has left the log is missing only in a schema that does not have it', () => {
    const missing = (left: readonly LogShard[], ...positions: readonly Position[]) =>
      new ReadOrder(EPOCH, left, positions).missing();
    const left = [shard('a'), shard('d', 'c')];
    expect(missing(left, position('a', 5, true), position('c', 2, true))).toBeUndefined();
    expect(missing(left, position('a', 5, true), position('d', 1))).toBeUndefined();
    expect(missing(left, position('a', 5, true), position('c', 1))).toBe('c');
    expect(missing(left, position('a', 5, true))).toBe('c');
    // A root that the log does not have yet, and a shard behind a gap.
    expect(missing([shard('b', 'never seen', 'lost')], position('a', 0))).toBeUndefined();
  });

  test('a shard behind a gap is read only by a schema that was refreshed behind it', () => {
    const behind = [shard('a'), shard('b', 'never seen', 'lost')];
    const before = new ReadOrder(EPOCH, behind, [position('a', 0)]);
    expect(before.readable().map((from) => from.shard)).toEqual(['a']);
    expect([...before.gaps()]).toEqual([['b', 'lost']]);
    const refreshed = new ReadOrder(EPOCH, behind, [position('a', 0), position('b', 2)]);
    expect(refreshed.readable().map((from) => from.shard)).toEqual(['a', 'b']);
    expect(refreshed.gaps().size).toBe(0);
  });
});
