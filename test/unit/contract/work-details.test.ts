import { expect, test } from '@jest/globals';
import { countLines, workDetails, workOf } from '../../../src/contract/work-details.ts';
import type { WorkNow } from '../../../src/pipeline/run/work-now.ts';

const now: WorkNow = {
  at: '2026-11-29T08:00:23.000Z',
  working: 3,
  waitingForSlot: 2,
  waitingForRate: 0,
  delayed: 1,
  items: 2_000,
  bytes: 1_000_000,
  readUnits: 250,
  itemsPerSecond: 400,
  readUnitsPerSecond: 50,
  delays: [{ step: 'segment 3', why: 'S3 has not answered for 40 s (write s3://b/a_b_c)' }],
  moreDelays: 0,
};
const settled = { items: 8_000, bytes: 4_000_000 };

test('items and bytes of the segments that have ended and of those under way are added', () => {
  expect(countLines({ now, settled, known: 20_000, part: 'segment' })).toEqual([
    '10,000 of about 20,000 items (50%), 400 items/s, 50 read units/s, about 25 s left, 5.0 MB written',
    '3 segments working, 2 waiting for a slot, 1 delayed',
  ]);
});

test('a load counts rows, whose number is known', () => {
  expect(
    countLines({
      now: { ...now, itemsPerSecond: 0, readUnitsPerSecond: 0 },
      settled,
      known: 20_000,
      unit: 'rows',
    })[0],
  ).toBe('10,000 of 20,000 rows (50%), 5.0 MB loaded');
});

test('Markdown names the time and every delay, and shows names as they are', () => {
  expect(workDetails({ now, settled, known: 20_000, part: 'segment' }).slice(1)).toEqual([
    '**At 08:00:23 UTC**:',
    '',
    expect.stringMatching(/^- 10,000 of about/),
    '- 3 segments working, 2 waiting for a slot, 1 delayed',
    '- segment 3: S3 has not answered for 40 s (write s3://b/a\\_b\\_c)',
  ]);
});

test('a segment that has ended since the last look is not counted twice', () => {
  const fan = { ...settled, notStarted: 0, running: 1, external: 0, failed: 0, settled: 3, total: 4 };
  const progress = {
    ...({ pipeline: 'p', phase: 'extract', state: 'running', phases: [] } as const),
    extract: { ...fan, unfinished: [] },
    now: { ...now, settled: { items: 6_000, bytes: 3_000_000 } },
  };
  expect(countLines(workOf(progress))[0]).toMatch(/^8,000 items, .*, 4\.0 MB written$/);
});

test('nothing is shown before the first look, and nothing is counted in a phase without segments or tables', () => {
  expect(workDetails({ now: undefined, settled })).toEqual([]);
  const sealing = { pipeline: 'p', phase: 'seal', state: 'running', phases: [], now } as const;
  expect(countLines(workOf(sealing))).toEqual(['3 steps working, 2 waiting for a slot, 1 delayed']);
});
