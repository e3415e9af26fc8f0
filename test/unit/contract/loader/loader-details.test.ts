import { describe, expect, test } from '@jest/globals';
import type { LoaderProgress, ParkedBatch } from '../../../../src/contract/loader/loader.ts';
import { lagOf, loaderDetails, loaderLine } from '../../../../src/contract/loader/loader-details.ts';

const NOW = Date.parse('2026-11-30T08:10:00Z');
const NONE = { batches: 0, files: 0, bytes: 0, rows: 0, merged: 0, deleted: 0, setAside: 0 };

const progress = (more: Partial<LoaderProgress> = {}): LoaderProgress => ({
  table: { workgroup: 'analytics', database: 'dev', schema: 'landing', table: 'quakes' },
  loaders: ['quakes'],
  state: 'idle',
  inbox: { files: 0, bytes: 0, at: '2026-11-30T08:09:59.000Z' },
  next: [],
  parked: [],
  parkedTotal: 0,
  totals: NONE,
  ...more,
});

const parked = (batch: number): ParkedBatch => ({
  batch,
  files: 2,
  bytes: 10,
  reason: 'age',
  workflowId: `loader/batch-${batch}`,
  code: 'LoadFailed',
  error: `Line 3 of file_${batch}.csv is no number.`,
  at: '2026-11-30T08:00:00.000Z',
});

const current = {
  batch: 12,
  files: 40,
  bytes: 1_500_000,
  reason: 'files',
  workflowId: 'loader/batch-000012',
  startedAt: '2026-11-30T08:09:00.000Z',
} as const;

describe('a loader in one line', () => {
  test.each<[string, Partial<LoaderProgress>]>([
    ['idle', {}],
    ['running: batch 12 with 40 files; 2 batches parked', { state: 'running', current, parkedTotal: 2 }],
    ['paused: maintenance', { state: 'paused', paused: { reason: 'maintenance', at: '' } }],
    [
      'idle; its inbox cannot be read: AccessDenied',
      { trouble: { code: 'AccessDenied', error: 'S3 denies it', at: '' } },
    ],
  ])('%s', (line, more) => {
    expect(loaderLine(progress(more))).toBe(line);
  });
});

describe('a loader in the Web UI', () => {
  test('shows the attempt and the last error of a batch whose load is tried again', () => {
    const retry = { attempt: 5, error: 'Disk Full', nextAt: '2026-11-30T08:11:00.000Z' };
    const now = progress({ state: 'running', current: { ...current, retry } });
    expect(loaderDetails(now, NOW)).toContain(
      '| retried | attempt 5 begins at 2026-11-30 08:11:00Z; the one before failed: Disk Full |',
    );
    expect(loaderLine(now)).toBe('running: batch 12 with 40 files, retried');
  });

  test('shows what waits, what is loaded, and what was', () => {
    const details = loaderDetails(
      progress({
        state: 'running',
        current,
        inbox: { files: 1680, bytes: 2.1e9, oldest: '2026-11-30T08:05:00.000Z', estimated: true, at: '…' },
        totals: {
          batches: 11,
          files: 400,
          bytes: 3e9,
          rows: 12_000,
          merged: 11_000,
          deleted: 7,
          setAside: 1,
        },
        last: { batch: 11, at: '2026-11-30T08:08:59.000Z', rows: 1000 },
      }),
      NOW,
    );
    expect(details.split('\n')).toEqual([
      '**Loader** quakes of `analytics/dev/landing/quakes`',
      '',
      '| | |',
      '|---|---|',
      '| waiting | about 1,680 files, 2.1 GB, the oldest for 5 min 00 s |',
      '| loading | batch 12: 40 files, 1.5 MB, since 2026-11-30 08:09:00Z |',
      '| parked | 0 batches |',
      '| loaded | 11 batches, 400 files, 3.0 GB |',
      '| rows | 12,000 rows read, 11,000 rows written, 7 rows deleted, 1 row set aside |',
      '| last | batch 11 at 2026-11-30 08:08:59Z: 1,000 rows |',
    ]);
  });

  test('shows why it is paused, and the first parked batches with their reasons', () => {
    const details = loaderDetails(
      progress({
        state: 'paused',
        paused: { reason: '12 batches in a row were parked', at: '2026-11-30T08:00:00.000Z' },
        parked: Array.from({ length: 12 }, (_, i) => parked(i + 1)),
        parkedTotal: 12,
      }),
      NOW,
    );
    expect(details).toContain('**Paused** since 2026-11-30 08:00:00Z: 12 batches in a row were parked');
    expect(details).toContain('- batch 1, 2 files: Line 3 of file\\_1.csv is no number.');
    expect(details).not.toContain('- batch 11,');
    expect(details).toContain('- and 2 more');
    expect(details).toContain('`retryBatch`');
  });

  test('stays below the limit of 20,000 bytes, whatever the reasons are', () => {
    const long = Array.from({ length: 50 }, (_, i) => ({ ...parked(i), error: 'é'.repeat(1000) }));
    const details = loaderDetails(progress({ parked: long, parkedTotal: 1000 }), NOW);
    expect(Buffer.byteLength(details)).toBeLessThan(20_000);
  });
});

test('the lag is the age, size and number of the files that wait', () => {
  const inbox = { files: 3, bytes: 30, oldest: '2026-11-30T08:09:00.000Z' };
  expect(lagOf({ inbox }, NOW)).toEqual({ seconds: 60, bytes: 30, count: 3 });
  expect(lagOf({ inbox: { files: 0, bytes: 0 } }, NOW)).toEqual({ seconds: 0, bytes: 0, count: 0 });
});
