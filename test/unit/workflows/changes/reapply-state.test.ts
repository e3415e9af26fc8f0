import { describe, expect, test } from '@jest/globals';
import { ReapplyState } from '../../../../src/workflows/changes/reapply-state.ts';

const NOW = Date.parse('2026-11-30T10:00:00Z');
const SINCE = '2026-11-29T08:00:00.000Z';
const ALL = { since: SINCE, keys: { of: 1, number: 0 } };
const applied = {
  kind: 'applied' as const,
  applied: { at: SINCE, seconds: 1, changes: 5, keys: 3, rows: 4, setAside: 1 },
};

describe('a rewind', () => {
  test('applies all keys at once, and is done', () => {
    const state = new ReapplyState();
    expect(state.next).toBeUndefined();
    state.begin(ALL, NOW);
    expect(state.next).toEqual(ALL);
    state.ended(applied, NOW + 1000);
    expect(state.isUnderWay).toBe(false);
    expect(state.progress).toEqual({
      ...{
        kind: 'rewind',
        since: SINCE,
        state: 'done',
        at: '2026-11-30T10:00:00.000Z',
        endedAt: '2026-11-30T10:00:01.000Z',
      },
      ...{ done: 1, left: 0, changes: 5, keys: 3, rows: 4, setAside: 1 },
    });
  });

  test('halves the keys until their images fit, and takes every key once', () => {
    const state = new ReapplyState();
    state.begin(ALL, NOW);
    const hashes = Array.from({ length: 64 }, (_, hash) => hash);
    const taken: number[] = [];
    while (state.next !== undefined) {
      const { keys } = new ReapplyState(state.carry()).next as typeof ALL;
      const those = hashes.filter((hash) => hash % keys.of === keys.number);
      if (those.length > 5) state.ended({ kind: 'too many' }, NOW);
      else {
        taken.push(...those);
        state.ended(those.length === 0 ? { kind: 'nothing' } : applied, NOW);
      }
    }
    expect(taken.toSorted((a, b) => a - b)).toEqual(hashes);
    expect(state.progress).toMatchObject({ state: 'done', done: 16, left: 0, changes: 80 });
  });

  test('that fails keeps what was applied, and says why', () => {
    const state = new ReapplyState();
    state.begin(ALL, NOW);
    state.ended({ kind: 'too many' }, NOW);
    state.ended(applied, NOW);
    state.failed({ code: 'CannotRewind', error: 'why' }, NOW);
    expect(state.next).toBeUndefined();
    expect(state.progress).toMatchObject({ state: 'failed', done: 1, changes: 5, failure: { error: 'why' } });
    state.begin(ALL, NOW);
    expect(state.progress?.failure).toBeUndefined();
  });
});

test('a replay takes entries in their order, and counts those that the log no longer has', () => {
  const state = new ReapplyState();
  state.begin({ setAside: { keyHashes: ['a', 'b'] } }, NOW);
  const more = { shard: 's', checkpoint: 3, keyHash: 'a' };
  state.ended({ ...applied, more, gone: 2 }, NOW);
  expect(state.next).toEqual({ setAside: { keyHashes: ['a', 'b'], after: more } });
  state.ended({ kind: 'nothing', gone: 1 }, NOW);
  expect(state.progress).toMatchObject({ kind: 'replay', state: 'done', done: 2, changes: 5, gone: 3 });
});
