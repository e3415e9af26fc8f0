import { describe, expect, test } from '@jest/globals';
import { type PendingStep, stepName } from '../../../../src/pipeline/run/pending-step.ts';
import {
  delayLines,
  delaysKey,
  itemsDone,
  itemsText,
  stepsText,
  workNow,
} from '../../../../src/pipeline/run/work-now.ts';

const NOW = Date.parse('2026-11-29T08:00:00Z');

const step = (overrides: Partial<PendingStep> = {}): PendingStep => ({
  workflowId: 'refresh-nobel-first/segment-00003',
  step: 'segment 3',
  activity: 'extractSegmentPages',
  isRunning: true,
  attempt: 1,
  heartbeat: {},
  heartbeatMs: NOW - 2_000,
  startedMs: NOW - 60_000,
  nextAttemptMs: undefined,
  failure: undefined,
  lostWorker: false,
  worker: 'host',
  ...overrides,
});

test('steps are named as operators know them', () => {
  expect(stepName('extractSegmentPages', 'refresh-nobel-first/segment-00017')).toBe('segment 17');
  expect(stepName('loadTableFiles', 'refresh-nobel-first/load-laureates')).toBe('table laureates');
  expect(stepName('sealRun', 'refresh-nobel-first')).toBe('seal');
});

test('segments that work, wait for a slot or for the read rate are counted apart; items and rates are added', () => {
  const perSecond = { items: 100, readUnits: 12.5 };
  const now = workNow(
    [
      step({ heartbeat: { items: 1_000, bytes: 50, readUnits: 10, perSecond } }),
      step({ heartbeat: { items: 500, perSecond } }),
      step({ isRunning: false, heartbeatMs: undefined }),
      step({ heartbeat: { items: 1, waiting: { for: 'read rate', why: 'rate', since: '' } } }),
    ],
    NOW,
  );
  expect(now).toMatchObject({
    working: 2,
    waitingForSlot: 1,
    waitingForRate: 1,
    items: 1_501,
    bytes: 50,
    readUnits: 10,
    itemsPerSecond: 200,
    readUnitsPerSecond: 25,
    delays: [],
  });
  expect(stepsText(now)).toBe('2 steps working, 1 waiting for a slot, 1 waiting for the read rate');
});

describe('what is retried or blocked says why', () => {
  const whyOf = (overrides: Partial<PendingStep>) => delayLines(workNow([step(overrides)], NOW));

  test('a service that does not answer', () => {
    const why = 'S3 has not answered for 40 s (write s3://b/k)';
    expect(whyOf({ heartbeat: { waiting: { for: 'service', why, since: '' } } })).toEqual([
      `segment 3: ${why}`,
    ]);
  });

  test('a failed attempt, and when the next one begins', () => {
    const failed = { isRunning: false, attempt: 4, failure: 'S3 answered 503.' };
    expect(whyOf({ ...failed, nextAttemptMs: NOW + 40_000 })).toEqual([
      'segment 3: S3 answered 503. Attempt 4 begins in 40 s',
    ]);
    expect(whyOf({ ...failed, nextAttemptMs: NOW - 1 })).toEqual([
      'segment 3: S3 answered 503. Attempt 4 begins as soon as a worker is free',
    ]);
  });

  test('a lost worker, and how many in a row', () => {
    const worker = { attempt: 2, seconds: 9, reached: 0, lost: 1 };
    expect(
      whyOf({
        isRunning: false,
        attempt: 3,
        lostWorker: true,
        failure: 'activity Heartbeat timeout',
        heartbeat: { worker },
        nextAttemptMs: NOW + 4_000,
      }),
    ).toEqual(['segment 3: its worker died or froze (2 in a row). Attempt 3 begins in 4.0 s']);
  });

  test('a step that works again since less than a minute', () => {
    const failed = { attempt: 4, failure: 'S3 answered 503.' };
    expect(whyOf({ ...failed, startedMs: NOW - 5_000 })).toEqual([
      'segment 3: S3 answered 503. Attempt 4 is running',
    ]);
    expect(whyOf({ ...failed, startedMs: NOW - 90_000 })).toEqual([]);
    expect(stepsText(workNow([step({ ...failed, startedMs: NOW - 5_000 })], NOW))).toBe('1 step working');
  });

  test('a worker that has fallen silent', () => {
    expect(whyOf({ heartbeatMs: NOW - 20_000 })).toEqual(['segment 3: its worker has not reported for 20 s']);
  });

  test('at most ten are listed', () => {
    const why = { waiting: { for: 'service', why: 'S3', since: '' } } as const;
    const now = workNow(
      Array.from({ length: 50 }, () => step({ heartbeat: why })),
      NOW,
    );
    expect(delayLines(now)).toHaveLength(11);
    expect(delayLines(now).at(-1)).toBe('and 40 more');
    expect(stepsText(now)).toBe('50 steps delayed');
  });
});

test('a reason that only lasts longer is the same reason', () => {
  const because = (why: string) => ({ delays: [{ step: 'segment 3', why }], moreDelays: 0 });
  expect(delaysKey(because('S3 has not answered for 40 s'))).toBe(
    delaysKey(because('S3 has not answered for 1 min 05 s')),
  );
  expect(delaysKey(because('S3 has not answered for 40 s'))).not.toBe(
    delaysKey(because('DynamoDB is silent')),
  );
});

test('share and remaining time follow from the table’s count, which is an estimate', () => {
  const now = workNow([step({ heartbeat: { items: 200, perSecond: { items: 100, readUnits: 40 } } })], NOW);
  expect(itemsDone(1_000, now, 5_000)).toEqual({ done: 1_200, share: 0.24, perSecond: 100, secondsLeft: 38 });
  expect(itemsText(1_000, now, 5_000)).toBe(
    '1,200 of about 5,000 items (24%), 100 items/s, 40 read units/s, about 38 s left',
  );
  expect(itemsText(9_000, now, 5_000)).toBe('9,200 of about 5,000 items (99%), 100 items/s, 40 read units/s');
  expect(itemsText(9_000, now, undefined)).toBe('9,200 items, 100 items/s, 40 read units/s');
  expect(itemsText(0, workNow([], NOW), 0)).toBe('0 items');
});
