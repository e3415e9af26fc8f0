import { expect, test } from '@jest/globals';
import { type RolledBack, rolledBackTo } from '../../../../src/cli/observe/rollbacks.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 6, minute));
const run = (name: string, minute: number) => ({
  ...{ pipeline: 'orders', run: name, status: 'replaced', closedAt: at(minute) },
});
const rollback = (minute: number, replaced: string, restored: string, pipeline = 'orders'): RolledBack => ({
  ...{ pipeline, replaced, restored, atMs: at(minute).getTime() },
});

test('a run that a rollback took out of live was rolled back, to the run that was restored', () => {
  const known = [rollback(3, 'second', 'first')];
  expect(rolledBackTo(run('second', 2), known)).toBe('first');
  expect(rolledBackTo(run('first', 1), known)).toBeUndefined();
});

test('a run that was restored later was not', () => {
  const known = [rollback(4, 'first', 'second'), rollback(3, 'second', 'first')];
  expect(rolledBackTo(run('second', 2), known)).toBeUndefined();
  expect(rolledBackTo(run('first', 1), known)).toBe('second');
});

test('rollbacks of another pipeline, or from before the run replaced live, do not count', () => {
  expect(rolledBackTo(run('second', 2), [rollback(3, 'second', 'first', 'other')])).toBeUndefined();
  expect(rolledBackTo(run('second', 4), [rollback(3, 'second', 'first')])).toBeUndefined();
});

test('only a run that replaced live can be rolled back', () => {
  expect(
    rolledBackTo({ ...run('second', 2), status: 'load' }, [rollback(3, 'second', 'first')]),
  ).toBeUndefined();
});
