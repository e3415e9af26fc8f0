import { expect, test } from '@jest/globals';
import { scheduleOf } from '../../../chaos/refresh/schedule.ts';

const all = Array.from({ length: 200 }, (_, i) => scheduleOf(i + 1));

test('the same seed gives the same schedule', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7));
  expect(scheduleOf(7)).not.toEqual(scheduleOf(8));
});

test('two hundred seeds cover every kind of incident, every recovery and every late write', () => {
  expect(new Set(all.flatMap(({ incidents }) => incidents.map(({ what }) => what.kind)))).toEqual(
    new Set([
      'kill',
      'freeze',
      'cut off',
      'reset segment',
      'reset run',
      'ask for retry',
      'second segment',
      'second replace',
    ]),
  );
  expect(new Set(all.map(({ refused }) => refused?.recovery))).toEqual(
    new Set([undefined, 'update', 'signal', 'reset', 'start']),
  );
  expect(new Set(all.flatMap(({ warehouse }) => warehouse.map(({ kind }) => kind)))).toEqual(
    new Set(['serializable-violation', 'out-of-memory', 'copy-half-way', 'lost-answer', 'never-ends']),
  );
  expect(
    new Set(all.map(({ lateWrite }) => ('rival' in lateWrite ? lateWrite.rival : lateWrite.tableOrdinal))),
  ).toEqual(new Set(['kill', 'freeze', 'cut off', 'reset', 'second workflow', 0, 1, 2]));
});

test('a second replacement starts only after the first has begun', () => {
  const at = all.flatMap(({ incidents }) => incidents.filter(({ what }) => what.kind === 'second replace'));
  expect(new Set(at.map(({ at: { step } }) => step))).toEqual(new Set(['replace']));
});

test('only a late checkpoint and its rival, which cuts at other keys, work on the segment', () => {
  for (const { lateWrite, incidents, pageItems, cut } of all) {
    if (lateWrite.what !== 'checkpoint') continue;
    expect(incidents.filter(({ at }) => ['scan', 'part', 'checkpoint'].includes(at.step))).toEqual([]);
    expect(pageItems[0]).toBeGreaterThan(pageItems[1]);
    expect(cut.cutBytes).toBe(1);
  }
});

test('only a late load and its rival work on the table', () => {
  for (const { lateWrite, incidents } of all) {
    if (lateWrite.what !== 'load') continue;
    expect(incidents.filter(({ at }) => ['prepare', 'load', 'verify'].includes(at.step))).toEqual([]);
  }
});
