import { describe, expect, test } from '@jest/globals';
import { mayBeTrimmed, recordsSince } from '../../../../src/pipeline/changes/kept-records.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 30, hour)).toISOString();

describe('the age of the oldest record that a shard can have', () => {
  test('is bounded by the latest of what is known of its parent', () => {
    expect(recordsSince({ parentSince: at(1), parentLastRecordAt: at(5), parentOpenAt: at(4) }, at(9))).toBe(
      at(5),
    );
    expect(recordsSince({ parentSince: at(1), parentOpenAt: at(4) }, at(9))).toBe(at(4));
    expect(recordsSince({}, at(9))).toBe(at(9));
  });

  test('decides whether some may be gone: the stream keeps them for a day', () => {
    expect(mayBeTrimmed(at(0), Date.parse(at(23)))).toBe(false);
    expect(mayBeTrimmed(at(0), Date.parse(at(24)))).toBe(true);
  });
});
