import { describe, expect, test } from '@jest/globals';
import { LookTimes } from '../../../../src/workflows/loader/look-times.ts';

const free = (times: LookTimes) => times.nextMs(true, false);
const busy = (times: LookTimes) => times.nextMs(false, false);

function afterLook({ wasFree = true, dueMs }: { wasFree?: boolean; dueMs?: number } = {}) {
  const times = new LookTimes();
  times.begin();
  times.end(100_000, wasFree, dueMs);
  return times;
}

describe('a loader looks at its inbox', () => {
  test('at its start', () => {
    expect(free(new LookTimes())).toBe(0);
    expect(busy(new LookTimes())).toBe(0);
  });

  test('once a minute, if nothing else happens', () => {
    expect(free(afterLook())).toBe(160_000);
  });

  test('when a batch is due by its age', () => {
    expect(free(afterLook({ dueMs: 123_000 }))).toBe(123_000);
  });

  test('on a hint, but not more than once a second', () => {
    const times = afterLook();
    times.hint();
    expect(free(times)).toBe(101_000);
  });

  test('again on a hint that arrived while it looked', () => {
    const times = new LookTimes();
    times.begin();
    times.hint();
    times.end(100_000, true, undefined);
    expect(free(times)).toBe(101_000);
    times.begin();
    times.end(200_000, true, undefined);
    expect(free(times)).toBe(260_000);
  });

  test('at once when a batch has ended, or when it is resumed', () => {
    const times = afterLook();
    times.batchStarted();
    expect(free(times)).toBeLessThanOrEqual(100_000);
    expect(free(afterLook({ wasFree: false }))).toBeLessThanOrEqual(100_000);
  });

  test('once a minute while a batch is loaded, whatever is hinted or due', () => {
    const times = afterLook({ dueMs: 101_000 });
    times.hint();
    times.batchStarted();
    expect(busy(times)).toBe(160_000);
  });

  test('once a minute while that fails', () => {
    const times = afterLook({ wasFree: false });
    times.hint();
    expect(times.nextMs(true, true)).toBe(160_000);
  });
});
