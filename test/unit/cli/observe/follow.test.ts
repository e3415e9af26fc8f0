import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { atIntervals, onceEach } from '../../../../src/cli/observe/follow.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a log says how far a phase has come every half minute, and nothing about a quick one', () => {
  const said: string[] = [];
  const sayWork = atIntervals((line) => said.push(line));
  for (let second = 0; second <= 70; second++) {
    jest.setSystemTime(second * 1000);
    sayWork('extract', [`${second} of 100 items`, '1 working']);
  }
  for (let second = 71; second < 90; second++) {
    jest.setSystemTime(second * 1000);
    sayWork('seal', ['1 working']);
  }
  expect(said).toEqual(['extract  30 of 100 items; 1 working', 'extract  60 of 100 items; 1 working']);
});

test('a note is said once, although the seconds and attempts in it change', () => {
  const said: string[] = [];
  const sayNotes = onceEach((line) => said.push(line));
  sayNotes(['segment 3: S3 has not answered for 12 s']);
  sayNotes(['segment 3: S3 has not answered for 40 s']);
  sayNotes(['segment 3: S3 answered 503. Attempt 2 begins in 1.0 s']);
  expect(said).toEqual([
    'segment 3: S3 has not answered for 12 s',
    'segment 3: S3 answered 503. Attempt 2 begins in 1.0 s',
  ]);
});
