import { expect, test } from '@jest/globals';
import { refined, sharedTime } from '../../../../src/activities/runtime/shared-clock.ts';
import type { BucketMaintenance } from '../../../../src/clients/bucket-maintenance.ts';

const SECOND = Date.parse('2026-11-21T10:00:01Z');

test('a clock that agrees with S3’s second adds its milliseconds', () => {
  expect(refined(SECOND, SECOND + 300, SECOND + 350)).toBe(SECOND + 350);
});

test('an answer that took long is dated within S3’s second', () => {
  expect(refined(SECOND, SECOND + 900, SECOND + 1400)).toBe(SECOND + 999);
  expect(refined(SECOND, SECOND - 100, SECOND + 50)).toBe(SECOND + 50);
});

test('a second that the service states for too long does not begin again', () => {
  const earlier = refined(SECOND, SECOND + 850, SECOND + 860);
  expect(refined(SECOND, SECOND + 1300, SECOND + 1310)).toBe(SECOND + 999);
  expect(SECOND + 999).toBeGreaterThan(earlier);
});

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
  ['two seconds ahead', 2000],
])('a clock that is %s changes nothing', async (_, offMs) => {
  const bucket = { time: async () => new Date(SECOND) } as Partial<BucketMaintenance> as BucketMaintenance;
  const nowMs = () => SECOND + 500 + offMs;
  expect(await sharedTime({ bucketMaintenance: () => bucket, nowMs }, 'b')).toEqual(new Date(SECOND));
});
