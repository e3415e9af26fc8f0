import { describe, expect, test } from '@jest/globals';
import {
  type ListedShard,
  type LogReader,
  planRetention,
} from '../../../../src/pipeline/changes/retention.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-30T00:00:00Z');
const KEEP_FROM = NOW - 7 * DAY_MS;

/** A shard with a checkpoint of each of these ages in days, the oldest first. */
const shard = (name: string, ...days: readonly number[]): ListedShard => ({
  shard: name,
  checkpoints: days.map((age, i) => ({ number: i + 1, writtenMs: NOW - age * DAY_MS })),
});
const reader = (what: string, at: Record<string, number>): LogReader => ({
  ...{ what, kind: 'tables' },
  at: new Map(Object.entries(at)),
});
const plan = (shards: readonly ListedShard[], ...readers: readonly LogReader[]) =>
  planRetention(shards, readers, KEEP_FROM);

describe('checkpoints that are old enough', () => {
  test('may be deleted once every reader has them', () => {
    expect(plan([shard('a', 10, 9, 8, 1)], reader('live', { a: 4 }))).toEqual({
      deletable: [{ shard: 'a', upTo: 3 }],
      keptFor: [],
    });
  });

  test('stay if a destination, a backup or a run is before them, which is named', () => {
    const readers = [reader('live', { a: 4 }), reader('backup', { a: 2 }), reader('run', { a: 3 })];
    expect(plan([shard('a', 10, 9, 8, 1)], ...readers)).toEqual({
      deletable: [{ shard: 'a', upTo: 2 }],
      keptFor: ['backup'],
    });
  });

  test('stay for one that has not begun the shard', () => {
    expect(plan([shard('a', 10, 9, 1)], reader('history', {}))).toEqual({
      deletable: [],
      keptFor: ['history'],
    });
  });

  test('do not stay for one of another epoch, or one that only a refresh brings changes', () => {
    expect(plan([shard('a', 10, 9, 1)], { what: 'live', kind: 'tables', at: undefined }).deletable).toEqual([
      { shard: 'a', upTo: 2 },
    ]);
  });
});

describe('whatever the readers have,', () => {
  test('what is younger stays', () => {
    expect(plan([shard('a', 8, 6, 5)], reader('live', { a: 3 })).deletable).toEqual([
      { shard: 'a', upTo: 1 },
    ]);
    expect(plan([shard('a', 6, 5)], reader('live', { a: 2 })).deletable).toEqual([]);
  });

  test('a shard’s last checkpoint stays', () => {
    expect(plan([shard('a', 30, 29)], reader('live', { a: 2 })).deletable).toEqual([{ shard: 'a', upTo: 1 }]);
    expect(plan([shard('a', 30)], reader('live', { a: 1 })).deletable).toEqual([]);
  });

  test('what follows a younger one stays, even if S3 says it is older', () => {
    expect(plan([shard('a', 9, 6, 8, 1)], reader('live', { a: 4 })).deletable).toEqual([
      { shard: 'a', upTo: 1 },
    ]);
  });
});

test('a log whose beginning was deleted before is not deleted again', () => {
  const listed = {
    shard: 'a',
    checkpoints: [
      { number: 8, writtenMs: 0 },
      { number: 9, writtenMs: NOW },
    ],
  };
  expect(plan([listed], reader('live', { a: 7 })).deletable).toEqual([]);
  expect(plan([listed], reader('live', { a: 9 })).deletable).toEqual([{ shard: 'a', upTo: 8 }]);
});
