import { expect, test } from '@jest/globals';
import { scheduleOf } from '../../chaos/schedule.ts';

const all = Array.from({ length: 200 }, (_, i) => scheduleOf(i + 1));

test('one seed is one schedule', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7));
  expect(scheduleOf(7)).not.toEqual(scheduleOf(8));
});

test('two hundred seeds have every kind of incident, every way home, zombies and rivals', () => {
  expect(new Set(all.flatMap(({ incidents }) => incidents.map(({ what }) => what.kind)))).toEqual(
    new Set([
      'kill',
      'freeze',
      'cut off',
      'reset segment',
      'ask for retry',
      'second segment',
      'second load',
      'second replace',
    ]),
  );
  expect(new Set(all.map(({ refused }) => refused?.wayHome))).toEqual(
    new Set([undefined, 'update', 'signal', 'reset', 'start']),
  );
  expect(new Set(all.map(({ theme }) => theme))).toEqual(new Set(['anything', 'zombie', 'rivals']));
});

test('a second replacement comes only when the first has begun', () => {
  const at = all.flatMap(({ incidents }) => incidents.filter(({ what }) => what.kind === 'second replace'));
  expect(new Set(at.map(({ at: { step } }) => step))).toEqual(new Set(['replace']));
});
