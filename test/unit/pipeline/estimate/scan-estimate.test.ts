import { describe, expect, test } from '@jest/globals';
import { pricesWith } from '../../../../src/pipeline/estimate/prices.ts';
import { estimateScan, type ScanToEstimate } from '../../../../src/pipeline/estimate/scan-estimate.ts';

const GB = 1024 ** 3;

const scan = (changes: Partial<ScanToEstimate> = {}): ScanToEstimate => ({
  described: { approximateItems: 10_000_000, approximateBytes: 8 * GB },
  sample: { items: 3200, bytes: 3200 * 859, readUnits: 400, isWhole: false },
  segments: 32,
  segmentsAtOnce: 32,
  tables: 3,
  cutBytes: 64 * 1024 * 1024,
  cutSeconds: 600,
  prices: pricesWith(),
  ...changes,
});

/** What DynamoDB charges for one segment: half a unit per 4 KB of each page, whose last part counts as a whole. */
function chargedFor(itemBytes: readonly number[], pageBytes: number): number {
  const pages: number[] = [0];
  for (const bytes of itemBytes) {
    pages[pages.length - 1]! += bytes;
    if (pages.at(-1)! >= pageBytes) pages.push(0);
  }
  return pages.reduce((sum, bytes) => sum + Math.max(0.5, Math.ceil(bytes / 4096) / 2), 0);
}

describe('read units', () => {
  test.each([
    { items: 40, bytes: 300, segments: 4 },
    { items: 5000, bytes: 300, segments: 4 },
    { items: 200_000, bytes: 117, segments: 16 },
    { items: 2000, bytes: 40_000, segments: 8 },
  ])('of $items items of $bytes bytes in $segments segments are those that DynamoDB charges', (table) => {
    const perSegment = Array<number>(table.items / table.segments).fill(table.bytes);
    const charged = table.segments * chargedFor(perSegment, 1024 * 1024);
    const described = { approximateItems: table.items, approximateBytes: table.items * table.bytes };
    const sample = { items: 20, bytes: 20 * table.bytes, readUnits: 1, isWhole: false };
    const { readUnits } = estimateScan(scan({ described, sample, segments: table.segments }));
    expect(Math.abs(readUnits - charged)).toBeLessThanOrEqual(Math.max(0.1 * charged, table.segments / 4));
  });

  test.each([512, 700, 5000])('a low read rate makes small pages of items of %d bytes', (bytes) => {
    const described = { approximateItems: 8000, approximateBytes: 8000 * bytes };
    const { readUnits } = estimateScan(scan({ described, segments: 4, readUnitsPerSecond: 6 }));
    const pageBytes = Math.floor((0.75 * 6 * 8192) / bytes) * bytes;
    const charged = 4 * chargedFor(Array<number>(2000).fill(bytes), pageBytes);
    expect(Math.abs(readUnits - charged)).toBeLessThanOrEqual(0.1 * charged);
  });

  test('are those of the sample if it was the whole table', () => {
    const sample = { items: 7, bytes: 700, readUnits: 2, isWhole: true };
    const described = { approximateItems: 99, approximateBytes: 99_000 };
    const estimate = estimateScan(scan({ described, sample, segments: 4 }));
    expect(estimate).toMatchObject({ basis: 'sample', items: 7, bytes: 700, readUnits: 2 });
  });

  const uncounted = { described: { approximateItems: 0, approximateBytes: 0 } };
  test('follow from slices if DynamoDB has not counted the table yet', () => {
    const estimate = estimateScan(scan({ ...uncounted, counted: { items: 50_000, bytes: GB } }));
    expect(estimate).toMatchObject({ basis: 'slices', items: 50_000, bytes: GB });
    expect(estimate.readUnits).toBeCloseTo(GB / 8192 + 1024 / 4, 0);
  });

  test.each([undefined, { items: 100, bytes: 1000 }])(
    'are a lower bound if slices do not tell: %j',
    (counted) => {
      const estimate = estimateScan(scan({ ...uncounted, counted }));
      expect(estimate).toMatchObject({ basis: 'at least', items: 3200, bytes: 3200 * 859 });
    },
  );
});

describe('the time at the limit', () => {
  test.each([
    ['a table without limits', {}, 12_000, 'on demand'],
    ['provisioned capacity', { provisionedUnits: 500 }, 500, 'provisioned capacity'],
    ['the run’s limit', { readUnitsPerSecond: 200 }, 200, 'readUnitsPerSecond'],
    ['the lower of both', { readUnitsPerSecond: 800, provisionedUnits: 500 }, 500, 'provisioned capacity'],
  ])('%s', (_, limits, readUnitsPerSecond, by) => {
    const estimate = estimateScan(scan(limits));
    expect(estimate.limit).toEqual({ readUnitsPerSecond, by });
    expect(estimate.minutes).toBeCloseTo(estimate.readUnits / readUnitsPerSecond / 60, 6);
  });
});

test('prices follow from read units, bytes and requests', () => {
  const { price, readUnits, requests } = estimateScan(scan());
  expect(readUnits).toBeCloseTo(1024 * 1024 + 8192 / 4, 0);
  expect(price.onDemand).toBeCloseTo(0.131, 3);
  expect(price.provisioned).toBeCloseTo((readUnits / 3600) * 0.00013, 6);
  expect(price.export).toBeCloseTo(0.8, 6);
  expect(price.requests).toBeCloseTo((requests.puts * 0.005 + requests.gets * 0.0004) / 1000, 9);
});

test('own prices replace those of the list, and are named', () => {
  const prices = pricesWith({ millionReadUnits: 1, exportGB: 0 });
  expect(prices).toMatchObject({ replaced: ['millionReadUnits', 'exportGB'], capacityUnitHour: 0.00013 });
  const { price, readUnits } = estimateScan(scan({ prices }));
  expect(price.onDemand).toBeCloseTo(readUnits / 1e6, 9);
  expect(price.export).toBe(0);
});

test('a segment that fills several cuts, or takes longer than one, writes more files', () => {
  const { puts } = estimateScan(scan()).requests;
  expect(estimateScan(scan({ cutBytes: 8 * 1024 * 1024 })).requests.puts).toBeGreaterThan(puts * 5);
  expect(estimateScan(scan({ readUnitsPerSecond: 20 })).requests.puts).toBeGreaterThan(puts * 5);
});

test('an export is read without read units, and has a price of its own', () => {
  const { readUnits, minutes, price, fromExport } = estimateScan(scan({ fromExport: true }));
  expect({ readUnits, minutes, fromExport }).toEqual({ readUnits: 0, minutes: 0, fromExport: true });
  expect(price.onDemand).toBe(0);
  expect(price.export).toBeGreaterThan(0);
});
