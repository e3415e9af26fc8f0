import { describe, expect, test } from '@jest/globals';
import type { BatchInfo, LoadBatchResult } from '../../../../src/contract/loader/loader.ts';
import { LoaderState } from '../../../../src/workflows/loader/loader-state.ts';

const NOW = Date.parse('2026-11-30T08:00:00Z');
const FAILURE = { code: 'LoadFailed', error: 'line 3 of a.csv is no number' };

const info = (batch: number, files = 2): BatchInfo => ({ batch, files, bytes: 100 * files, reason: 'files' });
const result = (batch: number): LoadBatchResult => ({
  batch,
  files: 2,
  bytes: 200,
  rows: 20,
  merged: 18,
  deleted: 1,
  setAside: 1,
});

/** A loader whose batches 1 to n are current, one after the other, and end as told. */
function loader(...ends: ('settled' | 'parked' | 'running')[]) {
  const state = new LoaderState();
  ends.forEach((end, i) => {
    state.add([info(i + 1)]);
    state.takeNext(NOW);
    if (end === 'settled') state.settled(i + 1, result(i + 1), NOW);
    if (end === 'parked') state.failed(i + 1, FAILURE, NOW);
  });
  return state;
}

const shown = (state: LoaderState) => {
  const { state: name, current, next, parked, paused } = state.progress((batch) => `loader/t/batch-${batch}`);
  return {
    state: name,
    ...(current === undefined ? {} : { current: current.batch }),
    ...(next.length === 0 ? {} : { next }),
    ...(parked.length === 0 ? {} : { parked: parked.map(({ batch }) => batch) }),
    ...(paused === undefined ? {} : { paused: paused.reason }),
  };
};

describe('a loader', () => {
  test('loads one batch at a time, in the order in which they were taken', () => {
    const state = new LoaderState();
    state.add([info(1), info(2)]);
    expect(state.takeNext(NOW)).toEqual(info(1));
    expect(state.takeNext(NOW)).toBeUndefined();
    expect(shown(state)).toEqual({ state: 'running', current: 1, next: [2] });
    expect(state.settled(1, result(1), NOW)).toBe(true);
    expect(state.takeNext(NOW)).toEqual(info(2));
  });

  test('takes no batch from its inbox while one is loaded, is to be loaded, or it is paused', () => {
    const state = new LoaderState();
    expect(state.isFree).toBe(true);
    state.add([info(1)]);
    expect(state.isFree).toBe(false);
    state.takeNext(NOW);
    expect(state.isFree).toBe(false);
    state.settled(1, result(1), NOW);
    expect(state.isFree).toBe(true);
    state.pause('maintenance', NOW);
    expect(state.isFree).toBe(false);
  });

  test('counts what it loaded, every batch once', () => {
    const state = loader('settled', 'settled');
    expect(state.settled(2, result(2), NOW)).toBe(false);
    expect(state.settled(99, result(99), NOW)).toBe(false);
    expect(state.progress(String)).toMatchObject({
      totals: { batches: 2, files: 4, bytes: 400, rows: 40, merged: 36, deleted: 2, setAside: 2 },
      last: { batch: 2, rows: 20, at: '2026-11-30T08:00:00.000Z' },
    });
  });

  test('knows a batch once, however often it is found', () => {
    const state = loader('parked', 'running');
    state.add([info(1), info(2), info(3), info(3)]);
    expect(shown(state)).toEqual({ state: 'running', current: 2, next: [3], parked: [1] });
  });
});

describe('a batch that fails', () => {
  test('is parked with its reason, and the next one proceeds', () => {
    const state = loader('parked');
    expect(state.isFree).toBe(true);
    expect(state.progress((batch) => `loader/t/batch-${batch}`).parked).toEqual([
      { ...info(1), ...FAILURE, workflowId: 'loader/t/batch-1', at: '2026-11-30T08:00:00.000Z' },
    ]);
  });

  test('and reports that itself is parked when Temporal confirms it', () => {
    const state = loader('running');
    expect(state.reportedFailed(1, FAILURE, NOW)).toBe(false);
    expect(shown(state)).toEqual({ state: 'running', current: 1 });
    expect(state.failed(1, FAILURE, NOW)).toBe(true);
    expect(state.failed(1, FAILURE, NOW)).toBe(false);
    expect(shown(state)).toEqual({ state: 'idle', parked: [1] });
  });

  test('twenty times in a row pauses the loader; a batch that is loaded starts the count again', () => {
    const state = loader('parked', 'parked', 'settled', 'parked', 'parked');
    expect(state.pauseItself(3, NOW)).toBe(false);
    state.add([info(6)]);
    state.takeNext(NOW);
    state.failed(6, FAILURE, NOW);
    expect(state.pauseItself(3, NOW)).toBe(true);
    expect(state.pauseItself(3, NOW)).toBe(false);
    expect(shown(state)).toEqual({
      state: 'paused',
      parked: [1, 2, 4, 5, 6],
      paused: '3 batches in a row were parked; the last one: line 3 of a.csv is no number',
    });
    expect(state.resume()).toBe('resumed');
    expect(state.pauseItself(3, NOW)).toBe(false);
  });
});

describe('a parked batch', () => {
  test('that is retried is loaded before new files', () => {
    const state = loader('parked');
    expect(state.retry(1)).toBe('batch 1: retrying');
    expect(state.isFree).toBe(false);
    expect(state.takeNext(NOW)).toEqual(info(1));
  });

  test('is retried with all others, if no number is given', () => {
    const state = loader('parked', 'parked', 'running');
    expect(state.retry(undefined)).toBe('retrying batches 1, 2');
    expect(shown(state)).toEqual({ state: 'running', current: 3, next: [1, 2] });
    expect(state.retry(undefined)).toBe('no batch is parked');
  });

  test('that is retried while the loader is paused waits until that is resumed', () => {
    const state = loader('parked');
    state.pause('maintenance', NOW);
    expect(state.retry(1)).toBe('batch 1: retrying once the loader is resumed');
    expect(state.takeNext(NOW)).toBeUndefined();
    state.resume();
    expect(state.takeNext(NOW)).toEqual(info(1));
  });

  test('whose workflow an operator reset or started alone is done when that reports so', () => {
    const state = loader('parked');
    expect(state.settled(1, result(1), NOW)).toBe(true);
    expect(shown(state)).toEqual({ state: 'idle' });
  });

  test('that fails again on its own shows the new reason', () => {
    const state = loader('parked');
    expect(state.reportedFailed(1, { code: 'AccessDenied', error: 'S3 denies it' }, NOW)).toBe(true);
    expect(state.progress(String).parked).toMatchObject([{ code: 'AccessDenied', error: 'S3 denies it' }]);
  });

  test('that is split is gone, and its parts are loaded next', () => {
    const state = loader('parked');
    state.closed(1, [info(2, 1), info(3, 1)]);
    expect(shown(state)).toEqual({ state: 'idle', next: [2, 3] });
  });

  test.each([
    [1, 'it is being loaded'],
    [2, 'it is about to be loaded'],
    [9, 'it is not parked'],
  ])('is not batch %i: %s', (batch, why) => {
    const state = loader('running');
    state.add([info(2)]);
    expect(state.refusal(batch)).toBe(why);
    expect(state.retry(batch)).toBe(`batch ${batch}: ${why}`);
  });
});

describe('a batch whose workflow this execution does not await', () => {
  const external = () => {
    const state = loader('running');
    state.external(1, NOW);
    return state;
  };

  test('settles by its signal', () => {
    const state = external();
    expect(state.settled(1, result(1), NOW)).toBe(true);
    expect(shown(state)).toEqual({ state: 'idle' });
  });

  test('is parked by its signal, also if that came first', () => {
    const state = external();
    expect(state.reportedFailed(1, FAILURE, NOW)).toBe(true);
    const early = loader('running');
    early.reportedFailed(1, FAILURE, NOW);
    expect(early.external(1, NOW)).toBe(true);
    for (const each of [state, early]) expect(shown(each)).toEqual({ state: 'idle', parked: [1] });
  });

  test('is started again if it completed without a report, and finds what is done', () => {
    for (const how of ['COMPLETED', 'GONE']) {
      const state = external();
      expect(state.endedWithoutReport(1, how, NOW)).toBe(false);
      expect(state.takeNext(NOW)).toEqual(info(1));
    }
  });

  test('is parked if it was terminated', () => {
    const state = external();
    expect(state.endedWithoutReport(1, 'TERMINATED', NOW)).toBe(true);
    expect(state.progress(String).parked).toMatchObject([
      { code: 'TerminatedFailure', error: 'An operator terminated it. Retry, skip or split it.' },
    ]);
  });

  test('can be retried: if it still runs, starting it shows that', () => {
    const state = external();
    expect(state.retry(1)).toBe('batch 1: retrying');
    expect(state.takeNext(NOW)).toEqual(info(1));
  });
});

describe('a batch whose load is tried again', () => {
  const retry = { attempt: 5, error: 'Disk Full', nextAt: '2026-11-30T08:01:00.000Z' };
  const retried = () => {
    const state = loader('running');
    state.seenRetry({ batch: 1, retry });
    return state;
  };

  test('shows the attempt and the last error, until it is no longer so', () => {
    const state = retried();
    expect(state.progress(String).current).toMatchObject({ batch: 1, retry });
    state.seenRetry({ batch: 7, retry });
    expect(state.progress(String).current).not.toHaveProperty('retry');
  });

  test('keeps its last error if an operator stops it', () => {
    for (const [code, how] of [
      ['CancelledFailure', 'cancelled'],
      ['TerminatedFailure', 'terminated'],
    ] as const) {
      const state = retried();
      state.failed(1, { code, error: how }, NOW);
      expect(state.progress(String).parked).toMatchObject([
        { code, error: `An operator ${how} it at attempt 5. Its last failure: Disk Full` },
      ]);
    }
  });

  test('keeps the reason why it was parked before, if it is stopped without another', () => {
    const state = loader('parked');
    state.retry(1);
    state.takeNext(NOW);
    state.failed(1, { code: 'CancelledFailure', error: 'cancelled' }, NOW);
    expect(state.progress(String).parked[0]?.error).toBe(
      `An operator cancelled it. Its last failure: ${FAILURE.error}`,
    );
  });
});

describe('the next execution', () => {
  const next = (state: LoaderState) => new LoaderState(JSON.parse(JSON.stringify(state.carry(NOW))));

  test('knows the current batch, which reports by signal, the next ones, the parked ones and the totals', () => {
    const state = loader('settled', 'parked', 'running');
    state.add([info(4)]);
    const before = state.progress(String);
    const after = next(state);
    expect(after.progress(String)).toEqual(before);
    expect(after.current).toMatchObject({ batch: 3, isExternal: true });
    expect(after.open()).toEqual([3, 4, 2]);
  });

  test('parks a batch that had reported its failure', () => {
    const state = loader('running');
    state.reportedFailed(1, FAILURE, NOW);
    expect(shown(next(state))).toEqual({ state: 'idle', parked: [1] });
  });

  test('stays paused, and continues to count the parked batches in a row', () => {
    const state = loader('parked', 'parked');
    expect(next(state).pauseItself(2, NOW)).toBe(true);
    state.pause('maintenance', NOW);
    expect(shown(next(state))).toMatchObject({ state: 'paused', paused: 'maintenance' });
  });

  test('carries at most a few hundred kilobytes, whatever is parked; reasons that are missing are read again', () => {
    const state = new LoaderState();
    for (let batch = 1; batch <= 1000; batch++) {
      state.add([info(batch)]);
      state.takeNext(NOW);
      state.failed(batch, { code: 'LoadFailed', error: 'x'.repeat(3000) }, NOW);
    }
    expect(JSON.stringify(state.carry(NOW)).length).toBeLessThan(200_000);
    const after = next(state);
    expect(after.parkedCount).toBe(1000);
    expect(after.undescribed()).toEqual([]);
    for (let batch = 1; batch <= 10; batch++) after.closed(batch);
    expect(after.undescribed()).toEqual([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
    after.describe([
      { ...info(51), ...FAILURE, at: 'now' },
      { ...info(1), ...FAILURE, at: 'now' },
    ]);
    expect(after.undescribed()).not.toContain(51);
    expect(after.parkedCount).toBe(990);
  });
});

test('a pause lets the current batch end; a second one changes nothing', () => {
  const state = loader('running');
  state.add([info(2)]);
  expect(state.pause('maintenance', NOW)).toBe('paused; batch 1 is being loaded and ends first');
  expect(state.pause('again', NOW)).toBe('it was paused at 2026-11-30T08:00:00.000Z: maintenance');
  expect(shown(state)).toMatchObject({ state: 'running', current: 1, paused: 'maintenance' });
  state.settled(1, result(1), NOW);
  expect(state.takeNext(NOW)).toBeUndefined();
  expect(state.resume()).toBe('resumed');
  expect(state.resume()).toBe('it is not paused');
  expect(state.takeNext(NOW)).toEqual(info(2));
});
