import { describe, expect, test } from '@jest/globals';
import type { ApplyRoundResult, NeedsRefresh } from '../../../../src/contract/changes/apply-activities.ts';
import { ApplyState } from '../../../../src/workflows/changes/apply-state.ts';

const NOW = Date.parse('2026-11-30T10:00:00Z');
const NOTHING = { seconds: 0, bytes: 0, count: 0 };

const applied = (atMs: number, lag = NOTHING): ApplyRoundResult => ({
  applied: { at: new Date(atMs).toISOString(), seconds: 2, changes: 5, keys: 3, rows: 4, setAside: 1 },
  lag,
});
const needs = (code: NeedsRefresh['code']): ApplyRoundResult => ({
  lag: NOTHING,
  needsRefresh: { code, message: 'why' },
});

describe('a destination of changes', () => {
  test('applies again once applySeconds have passed since the last apply began', () => {
    const state = new ApplyState(NOW);
    expect(state.next(NOW, 30)).toEqual({ kind: 'apply', dueInSeconds: 0 });
    state.started(NOW, 600);
    expect(state.next(NOW, 30)).toEqual({ kind: 'wait' });
    state.ended(applied(NOW + 5000), NOW + 5000);
    expect(state.next(NOW + 5000, 30)).toEqual({ kind: 'apply', dueInSeconds: 28 });
    expect(state.progress(NOW).totals).toEqual({ rounds: 1, changes: 5, keys: 3, rows: 4, setAside: 1 });
  });

  test('applies at once if more is left than one apply takes', () => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    state.ended(applied(NOW, { seconds: 9, bytes: 10, count: 10 }), NOW);
    expect(state.next(NOW, 30)).toEqual({ kind: 'apply', dueInSeconds: 0 });
  });

  test('names what an idle round found, until live may have been replaced', () => {
    const state = new ApplyState(NOW);
    const idle = () => (state.next(NOW, 30) as { idle?: string }).idle;
    const round = (meanwhile: () => void = () => {}) => {
      state.started(NOW, 600);
      meanwhile();
      state.ended({ lag: NOTHING, idle: 'positions' }, NOW);
    };
    round();
    expect(idle()).toBe('positions');
    expect(new ApplyState(NOW, state.carry()).next(NOW, 30)).toMatchObject({ idle: 'positions' });
    state.hint();
    expect(idle()).toBeUndefined();
    // The round read the positions before the hint.
    round(() => state.hint());
    expect(idle()).toBeUndefined();
    round();
    state.pause('maintenance', NOW);
    state.resume();
    expect(idle()).toBeUndefined();
    round();
    state.started(NOW, 600);
    state.ended(applied(NOW), NOW);
    expect(idle()).toBeUndefined();
  });

  test('a permanent failure blocks it until retryApply', () => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    state.failed({ code: 'RowsDiffer', error: 'they differ' }, NOW);
    expect(state.next(NOW + 1e9, 30)).toEqual({ kind: 'wait' });
    expect(state.progress(NOW)).toMatchObject({ state: 'blocked', blocked: { code: 'RowsDiffer' } });
    expect(state.retry()).toBe('retrying');
    expect(state.next(NOW, 30)).toMatchObject({ kind: 'apply' });
  });

  test('is not behind while a round waits for changes and nothing was left', () => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    state.ended(applied(NOW), NOW);
    state.started(NOW, 600);
    expect(state.lag(NOW + 600_000)).toEqual(NOTHING);
    state.failed({ code: 'RowsDiffer', error: 'they differ' }, NOW + 600_000);
    expect(state.lag(NOW + 601_000).seconds).toBe(601);
  });

  test('while it is paused, nothing begins, and it survives a new execution', () => {
    const state = new ApplyState(NOW);
    expect(state.pause('maintenance', NOW)).toBe('paused');
    expect(state.pause('again', NOW)).toContain('maintenance');
    const next = new ApplyState(NOW + 1000, state.carry());
    expect(next.next(NOW, 30)).toEqual({ kind: 'wait' });
    expect(next.progress(NOW).state).toBe('paused');
    expect(next.resume()).toBe('resumed');
    expect(next.next(NOW, 30)).toMatchObject({ kind: 'apply' });
  });

  test('waiting for a refresh, it looks again at growing intervals, and at once on a hint', () => {
    const state = new ApplyState(NOW);
    const look = () => {
      state.started(NOW, 600);
      state.ended(needs('TypesChange'), NOW);
      const next = state.next(NOW, 30);
      return next.kind === 'wait' ? ((next.untilMs ?? 0) - NOW) / 1000 : next;
    };
    expect([look(), look(), look()]).toEqual([10, 20, 40]);
    for (let i = 0; i < 10; i++) look();
    expect(look()).toBe(300);
    expect(state.progress(NOW)).toMatchObject({
      state: 'waiting for a refresh',
      needsRefresh: { at: expect.any(String) },
    });
    state.hint();
    expect(state.next(NOW, 30)).toEqual({
      kind: 'apply',
      dueInSeconds: 0,
      known: { code: 'TypesChange', message: 'why' },
    });
    state.started(NOW, 600);
    state.ended(applied(NOW), NOW);
    expect(state.progress(NOW).state).toBe('idle');
  });

  test('a gap in one shard does not slow down the others', () => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    state.ended({ ...applied(NOW), ...needs('ChangesLost') }, NOW);
    expect(state.next(NOW, 30)).toEqual({
      kind: 'apply',
      dueInSeconds: 28,
      known: { code: 'ChangesLost', message: 'why' },
    });
    expect(state.progress(NOW).state).toBe('waiting for a refresh');
  });

  test('lag grows with the time since the log was read', () => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    state.ended(applied(NOW, { seconds: 10, bytes: 1, count: 1 }), NOW);
    expect(state.lag(NOW + 5000).seconds).toBe(15);
    expect(new ApplyState(NOW, state.carry()).lag(NOW + 7000)).toEqual({ seconds: 17, bytes: 1, count: 1 });
  });

  test('knows nothing of its lag once a round runs for much longer than it may wait', () => {
    const state = new ApplyState(NOW);
    const lagAfter = (seconds: number) => state.lag(NOW + seconds * 1000).seconds;
    state.started(NOW, 600);
    expect(lagAfter(600)).toBe(0);
    // Another worker has taken the round over.
    expect(lagAfter(1200)).toBe(0);
    expect(lagAfter(2 * 3600)).toBe(2 * 3600 - 600);
    state.ended(applied(NOW + 7_200_000), NOW + 7_200_000);
    state.started(NOW + 7_200_000, 600);
    expect(lagAfter(7300)).toBe(0);
  });

  test.each(['paused', 'blocked'])('that is %s is as late as the time since the log was read', (how) => {
    const state = new ApplyState(NOW);
    state.started(NOW, 600);
    if (how === 'paused') {
      state.ended(applied(NOW), NOW);
      state.pause('maintenance', NOW);
    } else {
      state.ended(applied(NOW), NOW);
      state.started(NOW, 600);
      state.failed({ code: 'LoadFailed', error: 'why' }, NOW + 1000);
    }
    expect(state.lag(NOW + 3_600_000).seconds).toBe(3600);
  });

  test('blocked by a row: a skipped change is left out until an apply has taken it', () => {
    const skip = { keyHash: 'a'.repeat(64), shard: 's', checkpoint: 3, reason: 'bad' };
    const state = new ApplyState(NOW);
    expect(() => state.skip(skip)).toThrow('not blocked');
    state.started(NOW, 600);
    state.failed({ code: 'RowsDiffer', error: 'why' }, NOW);
    expect(() => state.skip(skip)).toThrow('RowsDiffer');
    state.retry();
    state.started(NOW, 600);
    state.failed({ code: 'LoadFailed', error: 'why' }, NOW);
    expect(state.skip(skip)).toBe('skipping it, and applying the others');
    expect(state.next(NOW, 30)).toMatchObject({ kind: 'apply', skips: [skip] });
    state.started(NOW, 600);
    // Another row is refused, too.
    state.failed({ code: 'LoadFailed', error: 'why' }, NOW);
    const other = { ...skip, keyHash: 'b'.repeat(64) };
    state.skip(other);
    const carried = new ApplyState(NOW, state.carry());
    expect(carried.next(NOW, 30)).toMatchObject({ skips: [skip, other] });
    carried.started(NOW, 600);
    carried.ended(applied(NOW), NOW);
    expect(carried.next(NOW, 30)).not.toHaveProperty('skips');
  });
});
