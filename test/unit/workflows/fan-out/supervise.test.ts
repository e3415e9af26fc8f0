import { describe, expect, test } from '@jest/globals';
import type { TerminalCode } from '../../../../src/pipeline/failure/failure-codes.ts';
import { FanOut } from '../../../../src/workflows/fan-out/fan-out.ts';
import { GaveUp, Supervisor } from '../../../../src/workflows/fan-out/supervise.ts';
import { ScriptedChildren } from './scripted-children.ts';

/** A supervisor of children 0, 1, …, each of which settles with a number of items. */
function supervising({
  count = 1,
  window = 10,
  giveUp,
  prepare,
}: {
  count?: number;
  window?: number;
  giveUp?: TerminalCode;
  prepare?: (children: ScriptedChildren) => void;
} = {}) {
  const children = new ScriptedChildren();
  prepare?.(children);
  const names = Array.from({ length: count }, (_, i) => String(i));
  const fanOut = new FanOut(names, window, (child) => `parent/${child}`);
  const supervisor = new Supervisor<number>(fanOut, children, (items) => ({ items, bytes: 0 }));
  const rounds: boolean[] = [];
  let outcome = 'running';
  const done = supervisor
    .run((failureRecorded) => rounds.push(failureRecorded), giveUp)
    .then(
      () => {
        outcome = 'completed';
      },
      (error: unknown) => {
        outcome = children.isCancellation(error) ? 'cancelled' : String(error);
        return error;
      },
    );
  return { children, fanOut, supervisor, rounds, done, outcome: () => outcome };
}

describe('a supervisor', () => {
  test('starts every child at once if the window allows, and returns when all have settled', async () => {
    const { children, fanOut, outcome } = supervising({ count: 3 });
    await children.settle();
    expect(children.commands).toEqual(['start 0', 'start 1', 'start 2']);
    await children.settled('2', 20);
    await children.settled('0', 3);
    expect(outcome()).toBe('running');
    await children.settled('1', 400);
    expect(outcome()).toBe('completed');
    expect(fanOut.progress()).toMatchObject({ settled: 3, items: 423 });
  });

  test('never has more children under way than its window, and starts the next when one settles or fails', async () => {
    const { children, outcome } = supervising({ count: 4, window: 2 });
    await children.settle();
    expect(children.running).toEqual(['0', '1']);
    await children.settled('1');
    expect(children.running).toEqual(['0', '2']);
    await children.failed('0');
    expect(children.running).toEqual(['2', '3']);
    await children.settled('2');
    await children.settled('3');
    expect(outcome()).toBe('running');
  });

  test('without children is done at once', async () => {
    const { children, outcome } = supervising({ count: 0 });
    await children.settle();
    expect(outcome()).toBe('completed');
    expect(children.commands).toEqual([]);
  });
});

describe('a child that fails', () => {
  test('makes its parent wait once the others have settled, and emits a command in its round', async () => {
    const { children, fanOut, rounds, outcome } = supervising({ count: 2 });
    await children.settle();
    await children.failed('0', 'the disk is full');
    expect(rounds).toEqual([false, true]);
    await children.settled('1');
    expect(fanOut.parked).toBe(true);
    expect(outcome()).toBe('running');
    expect(fanOut.progress().unfinished).toEqual([
      { child: '0', workflowId: 'parent/0', state: 'failed', error: 'the disk is full', code: 'Error' },
    ]);
  });

  test('is started again by a retry, which is answered', async () => {
    const { children, supervisor, outcome } = supervising();
    await children.settle();
    await children.failed('0');
    const answer = supervisor.retry('0');
    await children.settle();
    await expect(answer).resolves.toBe('0: retrying');
    expect(children.commands).toEqual(['start 0', 'start 0']);
    await children.settled('0');
    expect(outcome()).toBe('completed');
  });

  test('is started again with all others that failed by a retry without a name', async () => {
    const { children, supervisor } = supervising({ count: 3 });
    await children.settle();
    await children.failed('0');
    await children.failed('2');
    const answers = [supervisor.retry(undefined), supervisor.retry(undefined)];
    await children.settle();
    await expect(Promise.all(answers)).resolves.toEqual(['retrying 0, 2', 'none has failed']);
    expect(children.running).toEqual(['1', '0', '2']);
  });

  test('is started again by a retry that no one waits for', async () => {
    const { children, supervisor } = supervising();
    await children.settle();
    await children.failed('0');
    supervisor.retryUnanswered('0');
    await children.settle();
    expect(children.running).toEqual(['0']);
  });

  test('is not retried while it runs, after it settled, or if there is none of that name', async () => {
    const { children, supervisor } = supervising({ count: 2 });
    await children.settle();
    await children.settled('0');
    const answers = ['0', '1', '7'].map((child) => supervisor.retry(child));
    await children.settle();
    await expect(Promise.all(answers)).resolves.toEqual([
      '0: already settled',
      '1: still running',
      '7: unknown',
    ]);
    expect(children.commands).toEqual(['start 0', 'start 1']);
  });

  test('ends the phase if only starting over can fix it, and its siblings with it', async () => {
    const { children, done, outcome } = supervising({ count: 2, giveUp: 'StagingDisagrees' });
    await children.settle();
    await children.failed('0', 'rows are missing', 'StagingDisagrees');
    expect(outcome()).toBe('running');
    expect(children.commands.slice(2)).toEqual(['cancel launched', 'cancel 0 by id', 'cancel 1 by id']);
    await children.failed('1', 'cancelled', 'CancelledFailure');
    await expect(done).resolves.toBeInstanceOf(GaveUp);
    expect(outcome()).toBe('GaveUp: rows are missing');
  });

  test('leaves a retry that comes after the phase without effect', async () => {
    const { children, supervisor } = supervising();
    await children.settle();
    await children.settled('0');
    await expect(supervisor.retry('0')).resolves.toBe('the phase has ended');
    supervisor.retryUnanswered('0');
    await children.settle();
    expect(children.commands).toEqual(['start 0']);
  });
});

describe('a report by signal', () => {
  test('settles a child that was reset after its failure was recorded', async () => {
    const { children, supervisor, fanOut, outcome } = supervising();
    await children.settle();
    await children.failed('0');
    supervisor.reportSettled('0', 5);
    await children.settle();
    expect(outcome()).toBe('completed');
    expect(fanOut.progress()).toMatchObject({ settled: 1, items: 5, unfinished: [] });
  });

  test('and the result of the same child count once', async () => {
    const { children, supervisor, fanOut, outcome } = supervising();
    await children.settle();
    supervisor.reportSettled('0', 5);
    supervisor.reportSettled('0', 5);
    await children.settled('0', 5);
    expect(outcome()).toBe('completed');
    expect(fanOut.progress()).toMatchObject({ settled: 1, items: 5 });
  });

  test('does not let the parent return while the child is about to end', async () => {
    const { children, supervisor, outcome } = supervising();
    await children.settle();
    supervisor.reportSettled('0', 5);
    await children.settle();
    expect(outcome()).toBe('running');
    await children.settled('0', 5);
    expect(outcome()).toBe('completed');
  });

  test('of a failure by a child that the parent awaits changes nothing: its failure comes anyway', async () => {
    const { children, supervisor, fanOut, rounds } = supervising();
    await children.settle();
    supervisor.reportFailed('0', 'boom');
    await children.settle();
    expect(rounds).toEqual([false, false]);
    expect(fanOut.progress()).toMatchObject({ running: 1, failed: 0 });
    await children.failed('0', 'boom');
    expect(fanOut.progress()).toMatchObject({ failed: 1 });
  });
});

describe('a child whose id another workflow has', () => {
  const external = (count = 1) => supervising({ count, prepare: ({ taken }) => void taken.add('0') });

  test('is external, and its report by signal settles it', async () => {
    const { children, supervisor, fanOut, outcome } = external();
    await children.settle();
    expect(fanOut.progress()).toMatchObject({ external: 1, running: 0 });
    supervisor.reportSettled('0', 5);
    await children.settle();
    expect(outcome()).toBe('completed');
  });

  test('is failed by its own report, even if that came first', async () => {
    const { children, supervisor, fanOut } = external();
    supervisor.reportFailed('0', 'boom');
    await children.settle();
    expect(fanOut.progress().unfinished).toEqual([
      { child: '0', workflowId: 'parent/0', state: 'failed', error: 'boom' },
    ]);
  });

  test('is inspected at growing intervals, up to ten minutes, and then no more', async () => {
    const { children, supervisor } = external();
    await children.settle();
    const inspections = () => children.commands.filter((command) => command === 'inspect 0').length;
    await children.pass(9_999);
    expect(inspections()).toBe(0);
    await children.pass(1);
    expect(inspections()).toBe(1);
    await children.pass(20_000);
    expect(inspections()).toBe(2);
    for (let i = 0; i < 10; i++) await children.pass(600_000);
    expect(inspections()).toBe(12);
    await children.pass(599_999);
    expect(inspections()).toBe(12);
    supervisor.reportSettled('0', 1);
    await children.settle();
    await children.pass(600_000);
    expect(inspections()).toBe(12);
  });

  test('that was terminated is failed by the next inspection, and started again by a retry', async () => {
    const { children, supervisor, fanOut, rounds } = external();
    await children.settle();
    children.closed.set('0', 'TERMINATED');
    await children.pass(10_000);
    expect(rounds.at(-1)).toBe(true);
    expect(fanOut.progress().unfinished).toMatchObject([
      { state: 'failed', error: expect.stringContaining('TERMINATED') },
    ]);
    children.taken.clear();
    supervisor.retryUnanswered(undefined);
    await children.settle();
    expect(children.running).toEqual(['0']);
  });

  test('that completed without a report to this execution is started again: it reports what it did', async () => {
    const { children, fanOut } = external();
    await children.settle();
    children.taken.clear();
    children.closed.set('0', 'COMPLETED');
    await children.pass(10_000);
    expect(children.running).toEqual(['0']);
    expect(fanOut.progress()).toMatchObject({ running: 1, failed: 0, external: 0 });
  });

  test('is retried with those that failed: it may have been terminated', async () => {
    const { children, supervisor, fanOut } = external(2);
    await children.settle();
    await children.failed('1');
    const answer = supervisor.retry(undefined);
    await children.settle();
    await expect(answer).resolves.toBe('retrying 1, 0');
    expect(fanOut.progress()).toMatchObject({ external: 1, running: 1 });
  });

  test('counts towards the window', async () => {
    const { children } = supervising({ count: 3, window: 1, prepare: ({ taken }) => void taken.add('0') });
    await children.settle();
    expect(children.commands).toEqual(['start 0']);
  });

  test('that cannot be inspected waits for its report; the failure is logged', async () => {
    const { children, supervisor, outcome } = external();
    children.inspectionFails = true;
    await children.settle();
    await children.pass(10_000);
    expect(children.commands.at(-1)).toBe('logged: Error: no answer');
    supervisor.reportSettled('0', 1);
    await children.settle();
    expect(outcome()).toBe('completed');
  });
});

describe('cancellation', () => {
  test('cancels the launched children, and by id those that the parent cannot reach; then waits for their end', async () => {
    const { children, outcome } = supervising({ count: 4, prepare: ({ taken }) => void taken.add('1') });
    await children.settle();
    await children.failed('2');
    await children.settled('3');
    await children.cancel();
    expect(children.commands.slice(4)).toEqual([
      'cancel launched',
      'cancel 1 by id',
      'cancel 2 by id',
      'cancel 0 by id',
    ]);
    expect(outcome()).toBe('running');
    await children.failed('0', 'cancelled', 'CancelledFailure');
    expect(outcome()).toBe('cancelled');
  });

  test('ends the inspection of external children, and answers retries that wait', async () => {
    const { children, supervisor, outcome } = supervising({ prepare: ({ taken }) => void taken.add('0') });
    await children.settle();
    await children.cancel();
    expect(outcome()).toBe('cancelled');
    await children.pass(600_000);
    expect(children.commands).toEqual(['start 0', 'cancel launched', 'cancel 0 by id']);
    await expect(supervisor.retry('0')).resolves.toBe('the phase has ended');
  });
});

describe('a history that an earlier version recorded', () => {
  const recorded = (change: string) =>
    supervising({
      count: 2,
      prepare: ({ taken, unpatched }) => {
        taken.add('0');
        unpatched.add(change);
      },
    });

  test('has no inspections', async () => {
    const { children } = recorded('look-after-external-children');
    await children.settle();
    await children.pass(600_000);
    expect(children.commands).toEqual(['start 0', 'start 1']);
  });

  test('has no retry of external children', async () => {
    const { children, supervisor } = recorded('retry-external-ones');
    await children.settle();
    await children.failed('1');
    const answer = supervisor.retry(undefined);
    await children.settle();
    await expect(answer).resolves.toBe('retrying 1');
  });

  test('has no cancellation of running children by id', async () => {
    const { children } = recorded('cancel-running-by-id');
    await children.settle();
    await children.cancel();
    expect(children.commands).toEqual(['start 0', 'start 1', 'cancel launched', 'cancel 0 by id']);
  });

  test('has no command for a failure that was reported before the child turned out to be external', async () => {
    const { supervisor, children, rounds } = recorded('remember-last-words');
    supervisor.reportFailed('0', 'boom');
    await children.settle();
    expect(rounds).not.toContain(true);
  });
});
