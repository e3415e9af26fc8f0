import { expect, test } from '@jest/globals';
import {
  blockersOf,
  blockerText,
  runningOf,
  withoutTermination,
} from '../../../../src/pipeline/sql/blockers.ts';

const row = {
  pid: 4711,
  user_name: 'bob',
  seconds: 312,
  schema_name: 'nobel',
  relation_name: 'prizes',
  lock_mode: 'AccessShareLock',
};

const textOf = (running: { pid: number; sql: string }[]) =>
  blockersOf([row, { ...row, relation_name: 'countries' }]).map((blocker) =>
    blockerText(blocker, runningOf(running).get(blocker.pid)),
  );

test('a blocker is shown once, with its lock, what it runs, and what ends it', () => {
  expect(textOf([{ pid: 4711, sql: 'SELECT *\n  FROM nobel.prizes' }])).toEqual([
    'pid 4711 of bob, which has held AccessShareLock on nobel.prizes for up to 5 min 12 s, running: SELECT * FROM ' +
      'nobel.prizes; to end it: SELECT pg_terminate_backend(4711)',
  ]);
});

test('what a blocker runs is cut with an ellipsis', () => {
  const [text] = textOf([{ pid: 4711, sql: `SELECT ${'x'.repeat(300)}` }]);
  expect(text).toMatch(/running: SELECT x+…; to end it:/);
});

test('a session whose statement this user cannot see is not called idle', () => {
  expect(textOf([])).toEqual([
    'pid 4711 of bob, which has held AccessShareLock on nobel.prizes for up to 5 min 12 s (it runs no statement that ' +
      'this user can see); to end it: SELECT pg_terminate_backend(4711)',
  ]);
});

test('a report names a blocker without the statement that would end another session by then', () => {
  const [text = ''] = textOf([]);
  expect(withoutTermination(`Blocked by ${text}; ${text}.`)).toBe(
    `Blocked by ${['', ''].map(() => text.split('; to end it')[0]).join('; ')}.`,
  );
});
