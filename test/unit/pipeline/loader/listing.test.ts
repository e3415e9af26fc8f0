import { describe, expect, test } from '@jest/globals';
import {
  type Listing,
  listingBounds,
  listingFrom,
  listingNow,
} from '../../../../src/pipeline/loader/listing.ts';
import { FilesSource } from '../../../../src/pipeline/loader/loader-definition.ts';

const source = (listFrom?: string) =>
  FilesSource.parse({ bucket: 'landing', ...(listFrom === undefined ? {} : { listFrom }) });
const STARTED_MS = Date.parse('2026-11-01T12:00:00Z');
const HOUR = 3600;
const SETTINGS = { overlapSeconds: 48 * HOUR, ledgerDays: 400 };
const bounds = (listing: Listing, nowMs = STARTED_MS) => {
  const { lowerMs, announceMs } = listingBounds(listing, SETTINGS, nowMs);
  return {
    lower: new Date(lowerMs).toISOString(),
    announce: Number.isFinite(announceMs) ? new Date(announceMs).toISOString() : 'all',
  };
};

describe('without listFrom', () => {
  const first = listingNow(undefined, source(), STARTED_MS);

  test('files are announced from when the loader was first started, and earlier ones are noted', () => {
    expect(bounds(first)).toEqual({
      lower: '2026-10-30T11:59:00.000Z',
      announce: '2026-11-01T11:59:00.000Z',
    });
  });

  test('what appears in the overlap after the first listing is announced', () => {
    const second = { ...first, newest: '2026-11-01T12:10:00.000Z' };
    expect(bounds(second)).toEqual({ lower: '2026-10-30T12:10:00.000Z', announce: 'all' });
  });

  test('a watcher that was away for a week takes up where the listing ended', () => {
    const later = { ...first, newest: '2026-11-20T12:00:00.000Z' };
    const now = listingNow(later, source(), Date.parse('2026-11-27T12:00:00Z'));
    expect(now).toBe(later);
    expect(bounds(now)).toEqual({ lower: '2026-11-18T12:00:00.000Z', announce: 'all' });
  });
});

describe('with listFrom', () => {
  const first = listingNow(undefined, source('2026-01-01'), STARTED_MS);

  test('files are announced from then on, and no earlier ones', () => {
    expect(bounds(first)).toEqual({
      lower: '2026-01-01T00:00:00.000Z',
      announce: '2026-01-01T00:00:00.000Z',
    });
    expect(bounds({ ...first, newest: '2026-01-01T06:00:00.000Z' }).lower).toBe('2026-01-01T00:00:00.000Z');
  });

  test('a changed listFrom counts from the next listing on, and what was seen stays seen', () => {
    const seen = [{ first: 'a', hash: 'h', files: 1 }];
    const before = { ...first, revision: 3, newest: '2026-10-01T00:00:00.000Z', seen };
    const now = listingNow(before, source('2025-01-01'), STARTED_MS);
    expect(now).toMatchObject({ revision: 3, seen });
    expect(bounds(now).lower).toBe('2025-01-01T00:00:00.000Z');
    expect(listingNow(now, source('2025-01-01'), STARTED_MS)).toBe(now);
  });
});

test('an operator can set the bound further back', () => {
  const before = { ...listingNow(undefined, source(), STARTED_MS), newest: '2026-11-20T12:00:00.000Z' };
  const set = listingFrom(before, '2026-10-01T00:00:00Z');
  expect(set.revision).toBe(before.revision + 1);
  expect(bounds(set).announce).toBe('2026-10-01T00:00:00.000Z');
});

test('files that the ledger no longer remembers are beyond the horizon', () => {
  const listing = listingNow(undefined, source('2020-01-01'), STARTED_MS);
  const { horizonMs } = listingBounds(listing, { ...SETTINGS, ledgerDays: 10 }, STARTED_MS);
  expect(new Date(horizonMs).toISOString()).toBe('2026-10-22T12:00:00.000Z');
});
