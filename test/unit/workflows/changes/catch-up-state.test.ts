import { describe, expect, test } from '@jest/globals';
import type { FollowStaging } from '../../../../src/contract/changes/catch-up.ts';
import { CatchUpState } from '../../../../src/workflows/changes/catch-up-state.ts';

const request = (run: string, attempt = '1'): FollowStaging => ({
  ...{
    pipeline: 'p',
    run,
    schema: `s__${run}_1`,
    workflowId: `refresh-${run}`,
    firstExecutionRunId: run,
    attempt,
  },
});
const PACE = 30;
const running = { isPaused: false, nowMs: 0 };

/** A state in which the run's staging schema was applied to in rounds of these lengths. */
function roundsOf(seconds: readonly number[], from = new CatchUpState()): CatchUpState {
  from.follow(request('r'));
  for (const each of seconds) from.applied('s__r_1', roundOf(each), PACE);
  return from;
}

/** As many changes arrive in a second as are applied in one. */
const roundOf = (seconds: number) => ({ seconds, changes: seconds, left: seconds });

describe('a workflow that was reset to an earlier run of its own', () => {
  test('does not wait for its later run, which it knows no more', () => {
    const state = new CatchUpState();
    state.follow(request('r'));
    state.follow(request('other'));
    state.follow({ ...request('r'), run: 'r_w2', schema: 's__r_w2_1' });
    expect(state.staging?.schema).toBe('s__r_w2_1');
    state.follow(request('r', '2'));
    expect(state.runs.map(({ schema }) => schema)).toEqual(['s__r_1', 's__other_1']);
  });
});

describe('the changes of a destination', () => {
  test('are applied to live alone while no run catches up', () => {
    const state = new CatchUpState();
    expect([state.staging, state.appliesToLive(0), state.isCaughtUp]).toEqual([undefined, true, false]);
  });

  test('are applied to live and to staging in turn while rounds on staging are long', () => {
    const state = roundsOf([3000, 1500, 700]);
    expect([state.staging?.schema, state.appliesToLive(0), state.isClosing]).toEqual(['s__r_1', true, false]);
  });

  test('are applied to staging alone after a short round, until no shard is behind live', () => {
    const state = roundsOf([3000, 59]);
    expect([state.staging?.schema, state.appliesToLive(0), state.isClosing]).toEqual(['s__r_1', false, true]);
    expect(state.compared('s__r_1', 2, running)).toBe(false);
    expect(state.staging).toBeDefined();
    expect(state.compared('s__r_1', 0, running)).toBe(true);
    expect([state.staging, state.appliesToLive(0), state.isCaughtUp]).toEqual([undefined, false, true]);
  });

  test('are applied to staging alone after a round of a few seconds, however often changes are applied', () => {
    const state = new CatchUpState();
    state.follow(request('r'));
    state.applied('s__r_1', roundOf(10), 1);
    expect(state.isClosing).toBe(false);
    state.applied('s__r_1', roundOf(9), 1);
    expect(state.isClosing).toBe(true);
  });

  test('are applied to live as well while short rounds leave much in the log', () => {
    const state = roundsOf([3000]);
    for (let left = 2000; left > 100; left -= 100) {
      state.applied('s__r_1', { seconds: 20, changes: 100, left }, PACE);
      expect(state.isClosing).toBe(false);
    }
    state.applied('s__r_1', { seconds: 20, changes: 100, left: 100 }, PACE);
    expect(state.isClosing).toBe(true);
  });

  test('are applied to staging alone once ten rounds have left no fewer changes', () => {
    const lengths = [300, ...Array.from({ length: 9 }, () => 310)];
    expect(roundsOf(lengths).isClosing).toBe(false);
    expect(roundsOf([...lengths, 310]).isClosing).toBe(true);
    expect(roundsOf([...lengths, 299]).isClosing).toBe(false);
  });

  test('resume on live once the run has swapped, or needs its schema no longer', () => {
    for (const seconds of [[], [3000], [1]]) {
      const state = roundsOf(seconds);
      state.compared('s__r_1', 0, running);
      state.stop('s__other_1');
      expect(state.runs).toHaveLength(1);
      state.stop('s__r_1');
      expect([state.staging, state.appliesToLive(0), state.runs]).toEqual([undefined, true, []]);
    }
  });

  test('resume on live if a swap takes too long', () => {
    const state = roundsOf([1]);
    state.compared('s__r_1', 0, running);
    expect(state.appliesToLive(20 * 60 * 1000)).toBe(false);
    expect(state.appliesToLive(20 * 60 * 1000 + 1)).toBe(true);
  });
});

describe('a run that catches up', () => {
  test('catches up again when its swap found live ahead; the same request again changes nothing', () => {
    const state = roundsOf([1]);
    state.compared('s__r_1', 0, running);
    state.follow(request('r'));
    expect(state.isCaughtUp).toBe(true);
    state.follow(request('r', '2'));
    expect([state.isCaughtUp, state.staging?.attempt, state.appliesToLive(0)]).toEqual([false, '2', true]);
  });

  test('is followed in its new staging schema after a reset, not in the earlier one', () => {
    const state = roundsOf([1]);
    state.compared('s__r_1', 0, running);
    state.follow({ ...request('r', '2'), schema: 's__r_2' });
    expect(state.staging?.schema).toBe('s__r_2');
    expect(state.runs).toHaveLength(1);
    state.stop('s__r_1');
    expect(state.staging?.schema).toBe('s__r_2');
  });

  test('waits while another one catches up', () => {
    const state = roundsOf([1]);
    state.follow(request('later'));
    state.follow(request('later'));
    expect(state.staging?.run).toBe('r');
    expect(state.runs.map(({ run }) => run)).toEqual(['r', 'later']);
    state.stop('s__r_1');
    expect(state.staging?.run).toBe('later');
    expect(state.runs).toHaveLength(1);
  });

  test('leaves the line if it ends while it waits', () => {
    const state = roundsOf([1]);
    state.follow(request('later'));
    state.stop('s__later_1');
    state.stop('s__r_1');
    expect(state.staging).toBeUndefined();
  });

  test('does not swap while its destination is paused, but is followed until it is resumed', () => {
    const state = roundsOf([1]);
    expect(state.compared('s__r_1', 0, { isPaused: true, nowMs: 0 })).toBe(false);
    expect(state.staging?.run).toBe('r');
    expect(state.report(true)).toMatchObject({ paused: true });
    expect(state.compared('s__r_1', 0, running)).toBe(true);
  });

  test('is shown as one that cannot catch up, and is followed all the same', () => {
    const state = roundsOf(Array.from({ length: 31 }, () => 300));
    state.compared('s__r_1', 1, running);
    expect(state.report(false)).toMatchObject({ cannotCatchUp: true, rounds: 31, left: 300 });
    expect(state.staging).toBeDefined();
  });

  test('is followed no longer once it has failed, until it is requested again', () => {
    const state = roundsOf([1]);
    state.failed('s__r_1', { code: 'ChangesTrimmed', message: 'a gap' });
    expect([state.staging, state.appliesToLive(0), state.report(false)?.failed?.code]).toEqual([
      undefined,
      true,
      'ChangesTrimmed',
    ]);
    state.follow(request('r', '2'));
    expect(state.staging?.run).toBe('r');
  });

  test('is the same after its destination continued as new', () => {
    const state = roundsOf([300, 310]);
    state.follow(request('later'));
    const carried = JSON.parse(JSON.stringify(state.carry())) as ReturnType<CatchUpState['carry']>;
    expect(new CatchUpState(carried).carry()).toEqual(state.carry());
    expect(roundsOf([], new CatchUpState(JSON.parse('{"waiting":[]}'))).carry()).toMatchObject({
      current: {},
    });
  });
});
