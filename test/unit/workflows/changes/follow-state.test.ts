import { describe, expect, test } from '@jest/globals';
import type { ShardsSeen } from '../../../../src/contract/changes/follow-activities.ts';
import { FollowState } from '../../../../src/workflows/changes/follow-state.ts';

const opened = (epoch: string) => ({ epoch, staging: { bucket: 'b', prefix: 'p' }, searchable: true });
const seen = (more: Partial<ShardsSeen> = {}): ShardsSeen => ({
  ...{ ready: [], ended: 0, gaps: [], stream: 'current', over: false },
  ...more,
});
const failure = { code: 'DamagedFile', error: 'damaged' };
const NOON = Date.parse('2026-11-30T12:00:00Z');

/** Follows epoch `e` with these shards, all of them being read. */
function following(...ready: string[]): FollowState {
  const state = new FollowState((name) => `id of ${name}`);
  state.opened(opened('e'));
  state.seen('e', seen({ ready }), NOON);
  state.startable();
  return state;
}

describe('following a stream', () => {
  test('starts a reader for each shard once, and forgets the shard when it was read to its end', () => {
    const state = new FollowState((name) => `id of ${name}`);
    state.opened(opened('e'));
    state.seen('e', seen({ ready: ['a', 'b'] }), NOON);
    expect(state.startable()).toEqual(['e/a', 'e/b']);
    state.seen('e', seen({ ready: ['a', 'c'], ended: 3 }), NOON);
    expect(state.startable()).toEqual(['e/c']);
    state.settled('e/a');
    expect(state.known('e')).toEqual(['b', 'c']);
    expect(state.progress('orders')).toMatchObject({ state: 'following', open: 2, failed: 0, ended: 4 });
  });

  test('shows a shard that failed, knows since when, and reads it again after a retry', () => {
    const state = following('a', 'b');
    expect(state.failed('e/a', failure, NOON)).toBe(true);
    expect(state.progress('orders')).toMatchObject({
      state: 'waiting',
      failed: 1,
      shards: [
        { epoch: 'e', shard: 'a', state: 'failed', workflowId: 'id of e/a', ...failure },
        { shard: 'b' },
      ],
    });
    expect(state.unreadSince()).toBe('2026-11-30T12:00:00.000Z');
    expect(state.known('e')).toEqual(['a', 'b']);
    expect(state.retry('x')).toBe('x: no open shard');
    expect(state.retry(undefined)).toBe('a: retrying');
    expect(state.startable()).toEqual(['e/a']);
    expect(state.unreadSince()).toBeUndefined();
  });

  test('carries open shards by name, and failures with their reasons, to its next execution', () => {
    const state = following('a', 'b', 'c');
    state.failed('e/b', failure, NOON);
    const gap = { id: 'g', reason: 'trimmed', message: 'lost', at: 'then', shard: 'c' };
    state.seen('e', seen({ gaps: [gap], ended: 7 }), NOON);
    const next = new FollowState((name) => name, JSON.parse(JSON.stringify(state.carry())));
    expect(next.startable()).toEqual([]);
    expect(next.progress('orders')).toMatchObject({
      open: 2,
      failed: 1,
      ended: 7,
      gaps: [{ reason: 'trimmed', shard: 'c' }],
      shards: [
        { shard: 'b', state: 'failed', ...failure },
        { shard: 'a', state: 'external' },
        { shard: 'c' },
      ],
    });
    expect(next.unreadSince()).toBe('2026-11-30T12:00:00.000Z');
    // One that completed without a report is started again, and finds the shard ended; so is one that was deleted.
    expect(next.closed('e/a', 'COMPLETED', NOON)).toBe(false);
    expect(next.closed('e/c', 'GONE', NOON)).toBe(false);
    expect(next.startable()).toEqual(['e/a', 'e/c']);
    next.external('e/a', NOON);
    expect(next.closed('e/a', 'TERMINATED', NOON)).toBe(true);
    expect(next.progress('orders').failed).toBe(2);
  });

  test('reads nothing while it is paused, and all shards again when it is resumed', () => {
    const state = following('a');
    expect(state.pause('maintenance', NOON)).toMatch(/^paused/);
    state.failed('e/a', { code: 'CancelledFailure', error: 'cancelled' }, NOON);
    state.seen('e', seen({ ready: ['b'] }), NOON);
    expect(state.startable()).toEqual([]);
    expect(state.progress('orders')).toMatchObject({ state: 'paused', paused: { reason: 'maintenance' } });
    expect(state.resume()).toBe('resumed');
    expect(state.startable()).toEqual(['e/a', 'e/b']);
    expect(state.resume()).toBe('it is not paused');
  });

  test('starts a reader again that a pause cancelled, even if it ends only after the resume', () => {
    const paused = following('a', 'b');
    paused.pause('maintenance', NOON);
    const state = new FollowState((name) => name, paused.carry());
    state.resume();
    expect(state.reportedFailed('e/a', { code: 'CancelledFailure', error: 'cancelled' }, NOON)).toBe(false);
    expect(state.startable()).toEqual(['e/a']);
    state.settled('e/b');
    expect(state.progress('orders')).toMatchObject({ state: 'following', failed: 0 });
    // The next failure is one.
    expect(state.failed('e/a', { code: 'Denied', error: 'no' }, NOON)).toBe(true);
    expect(state.startable()).toEqual([]);
  });

  test('reads a stream that was replaced to its end, beside the new one', () => {
    const state = following('a');
    state.seen('e', seen({ stream: 'disabled' }), NOON);
    expect(state.progress('orders')).toMatchObject({ state: 'waiting', trouble: { code: 'StreamDisabled' } });
    state.seen('e', seen({ stream: 'replaced' }), NOON);
    state.opened(opened('f'));
    state.opened(opened('f'));
    state.seen('f', seen({ ready: ['a'] }), NOON);
    expect(state.startable()).toEqual(['f/a']);
    expect(state.known('e')).toEqual(['a']);
    state.settled('e/a');
    state.seen('e', seen({ stream: 'replaced', over: true }), NOON);
    expect(state.epochs.map(({ log }) => log.epoch)).toEqual(['f']);
    expect(state.progress('orders')).toMatchObject({ epoch: 'f', state: 'following', open: 1 });
  });
});
