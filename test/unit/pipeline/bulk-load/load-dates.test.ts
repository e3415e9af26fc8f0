import { expect, test } from '@jest/globals';
import { bulkLoadWorkflowId } from '../../../../src/contract/loader/bulk-load.ts';
import { loadNameFor } from '../../../../src/pipeline/bulk-load/bulk-load.ts';
import { withLoadDate } from '../../../../src/pipeline/bulk-load/load-dates.ts';

test.each([
  ['2026-11-02T06:00:00Z', 'UTC', 1, '2026-11-01 06'],
  ['2026-11-01T23:30:00Z', 'Europe/Berlin', 1, '2026-11-01 00'],
  ['2026-11-02T04:59:00Z', 'America/New_York', 0, '2026-11-01 23'],
  ['2026-03-01T12:00:00Z', 'UTC', 1, '2026-02-28 12'],
  // The clocks went back on 25 October: the day before has 25 hours.
  ['2026-10-25T23:30:00Z', 'Europe/Berlin', 1, '2026-10-25 00'],
  ['2026-10-26T22:30:00Z', 'Europe/Berlin', 1, '2026-10-25 23'],
  ['2026-12-31T18:30:00Z', 'Asia/Kolkata', 0, '2027-01-01 00'],
])('what was due at %s in %s, %s days back, is of %s', (at, timezone, daysBack, date) => {
  expect(withLoadDate('%Y-%m-%d %H', { at, timezone, daysBack })).toBe(date);
});

const TABLE = { workgroup: 'analytics', database: 'dev', schema: 'landing', table: 'quakes' };
const LOADER = 'loader/analytics/dev/landing/quakes';

test.each([
  [bulkLoadWorkflowId(TABLE, 'november'), 'november'],
  [`${bulkLoadWorkflowId(TABLE, 'yesterday')}-2026-11-02T06:00:00Z`, 'yesterday-2026-11-02T06:00:00Z'],
  ['a load of mine.', 'a-load-of-mine-'],
  ['3b2f6a0c-9d52-4a3e-8f2b-0d3f0f1f2a77', '3b2f6a0c-9d52-4a3e-8f2b-0d3f0f1f2a77'],
  ['…', 'load'],
])('the load of workflow %s is named %s', (workflowId, name) => {
  expect(loadNameFor(workflowId, LOADER)).toBe(name);
});
