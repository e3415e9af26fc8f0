import { describe, expect, test } from '@jest/globals';
import { FanOut } from '../../../../src/workflows/fan-out/fan-out.ts';

const result = { items: 10, bytes: 100 };
const fanOut = (children: number, window: number) =>
  new FanOut(
    Array.from({ length: children }, (_, i) => String(i)),
    window,
    (child) => `parent/${child}`,
  );

describe('a fan-out', () => {
  test('never has more children under way than its window', () => {
    const f = fanOut(5, 2);
    expect(f.takeStartable()).toEqual(['0', '1']);
    expect(f.takeStartable()).toEqual([]);
    f.settled('0', result);
    expect(f.takeStartable()).toEqual(['2']);
    f.external('1');
    expect(f.takeStartable()).toEqual([]);
  });

  test('lets the other children finish after one failed, then waits', () => {
    const f = fanOut(3, 1);
    f.takeStartable();
    f.failed('0', 'boom');
    expect(f.takeStartable()).toEqual(['1']);
    f.settled('1', result);
    expect(f.parked).toBe(false);
    f.takeStartable();
    f.settled('2', result);
    expect(f.parked).toBe(true);
    expect(f.done).toBe(false);
    expect(f.progress().unfinished).toEqual([
      { child: '0', workflowId: 'parent/0', state: 'failed', error: 'boom' },
    ]);
  });

  test('knows what identifies its failures, so that a failure after a retry is another one', () => {
    const f = fanOut(2, 2);
    f.takeStartable();
    f.failed('0', 'boom', 'AccessDenied', 'execution 1');
    f.failed('1', 'boom');
    expect(f.failures()).toEqual(['0 execution 1', '1 ']);
    f.retry('0');
    f.takeStartable();
    f.failed('0', 'boom', 'AccessDenied', 'execution 2');
    expect(f.failures()).toEqual(['0 execution 2', '1 ']);
  });

  test('completes a failed child by a retry', () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    f.failed('0', 'boom');
    expect(f.retry('0')).toBe('retrying');
    expect(f.retry('0')).toBe('already about to start');
    expect(f.takeStartable()).toEqual(['0']);
    expect(f.retry('0')).toBe('still running');
    f.settled('0', result);
    expect(f.retry('0')).toBe('already settled');
    expect(f.done).toBe(true);
  });

  test("completes a failed child by the child's own signal", () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    f.failed('0', 'boom');
    f.settled('0', result);
    expect(f.done).toBe(true);
    expect(f.progress().unfinished).toEqual([]);
  });

  test('counts a child once, whether its result or its signal came first', () => {
    const f = fanOut(2, 2);
    f.takeStartable();
    f.settled('0', result);
    f.settled('0', result);
    f.failed('0', 'a late failure of a run that a reset replaced');
    expect(f.progress()).toMatchObject({ settled: 1, running: 1, failed: 0, items: 10, bytes: 100 });
  });

  test('may ask again for a child that was restarted by hand', () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    f.external('0');
    expect(f.parked).toBe(false);
    expect(f.retry('0')).toBe('retrying');
    expect(f.takeStartable()).toEqual(['0']);
  });

  test('a child that was restarted by hand reports its failure itself', () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    f.external('0');
    expect(f.reportFailed('0', 'boom')).toBe(true);
    expect(f.parked).toBe(true);
    expect(f.progress().unfinished[0]).toMatchObject({ state: 'failed', error: 'boom' });
  });

  test('and is believed even if it reported before it was known to be started by hand', () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    expect(f.reportFailed('0', 'boom')).toBe(false);
    expect(f.external('0')).toBe(true);
    expect(f.parked).toBe(true);
    // The report of an earlier child says nothing about the next one.
    f.retry('0');
    f.takeStartable();
    expect(f.external('0')).toBe(false);
    expect(f.parked).toBe(false);
  });

  test('a child started by hand that ended without a report is failed, or started again if it had completed', () => {
    const f = fanOut(2, 2);
    f.takeStartable();
    f.external('0');
    f.external('1');
    expect(f.endedWithoutReport('0', 'TERMINATED')).toBe(true);
    expect(f.progress().unfinished[0]).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('TERMINATED'),
    });
    expect(f.endedWithoutReport('1', 'COMPLETED')).toBe(false);
    expect(f.takeStartable()).toEqual(['1']);
    // What was seen before the request says nothing about the child that runs now.
    expect(f.endedWithoutReport('1', 'TERMINATED')).toBe(false);
    f.settled('1', result);
    expect(f.parked).toBe(true);
  });

  test('waits for the failure itself of a child that it awaits', () => {
    const f = fanOut(1, 1);
    f.takeStartable();
    expect(f.reportFailed('0', 'boom')).toBe(false);
    expect(f.parked).toBe(false);
    f.failed('0', 'boom');
    expect(f.parked).toBe(true);
  });

  test('ignores reports of children it does not have', () => {
    const f = fanOut(1, 1);
    f.settled('7', result);
    f.failed('7', 'boom');
    expect(f.retry('7')).toBe('unknown');
    expect(f.progress()).toMatchObject({ notStarted: 1, settled: 0, failed: 0, total: 1 });
  });

  test('shows at most 50 unfinished children, failed ones first', () => {
    const f = fanOut(80, 80);
    f.takeStartable();
    f.failed('79', 'boom');
    const shown = f.progress().unfinished;
    expect(shown).toHaveLength(50);
    expect(shown[0]?.child).toBe('79');
  });
});
