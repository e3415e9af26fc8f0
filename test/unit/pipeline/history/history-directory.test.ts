import { describe, expect, test } from '@jest/globals';
import {
  cursorKey,
  cursorOf,
  dayOf,
  historyGapKey,
  historyKey,
} from '../../../../src/pipeline/history/history-directory.ts';

const AT = { prefix: 'lake/orders', pipeline: 'orders' };
const PLACE = { epoch: '0123456789abcdef', shard: 'shardId-00000001796-0f3a', number: 12 };

describe('keys of a history', () => {
  test('a file is named by day, pipeline, epoch, shard and checkpoint', () => {
    expect(historyKey(AT, '2026-11-30', PLACE)).toBe(
      'lake/orders/date=2026-11-30/orders-0123456789abcdef-shardId-00000001796-0f3a-00000012.jsonl.gz',
    );
  });

  test('what is no file of changes is below a folder that queries leave out', () => {
    expect(historyGapKey(AT, PLACE.epoch, 'trimmed-1')).toBe(
      'lake/orders/_gaps/orders-0123456789abcdef-trimmed-1.json',
    );
    expect(cursorKey(AT, { ...PLACE, ended: false })).toBe(
      'lake/orders/_cursor/orders/0123456789abcdef/shardId-00000001796-0f3a/00000012',
    );
  });

  test.each([false, true])('a cursor is read from its key; ended: %s', (ended) => {
    expect(cursorOf(cursorKey(AT, { ...PLACE, ended }))).toEqual({ ...PLACE, ended });
  });

  test('other objects are no cursors', () => {
    expect(cursorOf(historyKey(AT, '2026-11-30', PLACE))).toBeUndefined();
  });

  test('days are those of UTC', () => {
    expect(dayOf(Date.parse('2026-11-30T23:59:59Z') / 1000)).toBe('2026-11-30');
    expect(dayOf(Date.parse('2026-12-01T00:00:00Z') / 1000)).toBe('2026-12-01');
  });
});
