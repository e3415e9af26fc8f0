import { expect, test } from '@jest/globals';
import { UnforeseenErrors } from '../../../../src/activities/runtime/unforeseen-errors.ts';

test('the fifth error of an activity is the last; the next one counts as the first again', () => {
  const errors = new UnforeseenErrors();
  const last = Array.from({ length: 6 }, () => errors.isLast('one'));
  expect(last).toEqual([false, false, false, false, true, false]);
});

test('the count restarts once the activity completes', () => {
  const errors = new UnforeseenErrors();
  for (let i = 0; i < 4; i++) errors.isLast('one');
  errors.forget('one');
  expect(errors.isLast('one')).toBe(false);
});

test('only the last thousand activities that failed are remembered', () => {
  const errors = new UnforeseenErrors();
  for (let i = 0; i < 4; i++) errors.isLast('oldest');
  for (let i = 0; i < 4; i++) errors.isLast('newer');
  for (let i = 0; i < 999; i++) errors.isLast(`other ${i}`);
  expect(errors.isLast('newer')).toBe(true);
  expect(errors.isLast('oldest')).toBe(false);
});
