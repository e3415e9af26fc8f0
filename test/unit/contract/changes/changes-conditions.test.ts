import { describe, expect, test } from '@jest/globals';
import type { ApplyProgress, FollowProgress } from '../../../../src/contract/changes/changes.ts';
import {
  applyConditions,
  followConditions,
  HALF_DAY_MS,
} from '../../../../src/contract/changes/changes-conditions.ts';

const AT = '2026-11-30T00:00:00.000Z';
const NOW = Date.parse(AT);

const FOLLOWING: FollowProgress = {
  ...{ pipeline: 'orders', epoch: 'e', state: 'following', open: 1, failed: 0, ended: 0 },
  ...{ shards: [], gaps: [] },
};
const APPLYING: ApplyProgress = {
  ...{ pipeline: 'orders', destination: 'team-b', state: 'idle', since: AT },
  lag: { seconds: 0, bytes: 0, count: 0 },
  totals: { rounds: 0, changes: 0, keys: 0, rows: 0, setAside: 0 },
};

describe('an operator should know', () => {
  test('of a gap, which only a run clears', () => {
    const gaps = [{ reason: 'trimmed', message: 'lost', at: AT, shard: 's1' }];
    expect(followConditions({ ...FOLLOWING, gaps }, undefined, NOW)).toMatchObject([
      {
        key: ['gap', 'trimmed', 's1', AT],
        cause: 'lost',
        isPast: true,
        next: ['Refresh it:', 'tributary run orders'],
      },
    ]);
  });

  test('of a shard that is not read, and again if it fails for another reason', () => {
    const shard = { epoch: 'e', shard: 's1', workflowId: 'w', state: 'failed', error: 'denied' } as const;
    const keys = ['AccessDenied', 'DamagedFile'].map(
      (code) => followConditions({ ...FOLLOWING, shards: [{ ...shard, code }] }, AT, NOW)[0]?.key,
    );
    expect(keys).toEqual([
      ['shard', 'e', 's1', 'AccessDenied'],
      ['shard', 'e', 's1', 'DamagedFile'],
    ]);
  });

  test('once half of the 24 hours have passed without a reader', () => {
    expect(followConditions(FOLLOWING, AT, NOW + HALF_DAY_MS - 1)).toEqual([]);
    expect(followConditions(FOLLOWING, AT, NOW + HALF_DAY_MS)).toMatchObject([{ code: 'ChangesUnread' }]);
  });

  test('of a blocked destination, with the command for it', () => {
    const blocked = { code: 'LoadFailed', error: 'why', at: AT };
    expect(applyConditions({ ...APPLYING, state: 'blocked', blocked })).toMatchObject([
      {
        code: 'LoadFailed',
        next: ['Fix the cause, then', 'tributary changes retry orders --destination team-b'],
      },
    ]);
  });

  test('of changes that wait for a refresh, but not of a schema that was never loaded with changes', () => {
    const waiting = (code: string): ApplyProgress => ({
      ...APPLYING,
      state: 'waiting for a refresh',
      needsRefresh: { code, message: 'why', at: AT },
    });
    expect(applyConditions(waiting('ChangesLost'))).toMatchObject([{ code: 'ChangesLost' }]);
    expect(applyConditions(waiting('NothingLive'))).toEqual([]);
    expect(applyConditions(waiting('NoPositions'))).toEqual([]);
  });

  test('of a destination that is half a day behind', () => {
    const late = (seconds: number, count: number) =>
      applyConditions({ ...APPLYING, lag: { seconds, bytes: 1, count } });
    expect(late(12 * 3600, 3)).toMatchObject([{ code: 'ChangesLate' }]);
    expect(late(12 * 3600 - 1, 3)).toEqual([]);
    // It was not looked for: because it is paused, or hangs.
    expect(late(12 * 3600, 0)).toMatchObject([
      { code: 'ChangesLate', what: expect.stringContaining('looked for') },
    ]);
  });

  test('of a destination that is later than its own limit', () => {
    const late = (seconds: number) =>
      applyConditions({ ...APPLYING, lag: { seconds, bytes: 1, count: 2 } }, 900).map(({ code }) => code);
    expect(late(899)).toEqual([]);
    expect(late(900)).toEqual(['ChangesLate']);
  });
});

test('of changes that are read and applied, an operator hears nothing', () => {
  expect(followConditions(FOLLOWING, undefined, NOW)).toEqual([]);
  expect(applyConditions(APPLYING)).toEqual([]);
});
