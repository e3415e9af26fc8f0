import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { bookmarkLines, refuseFuture } from '../../../../src/cli/loader/bookmark.ts';
import { batchLines } from '../../../../src/cli/loader/list-batches.ts';
import { fileLines } from '../../../../src/cli/loader/list-files.ts';
import type { StoredBatch } from '../../../../src/cli/loader/stored-batches.ts';
import { LoaderDefinition } from '../../../../src/pipeline/loader/loader-definition.ts';

const colours = picocolors.createColors(false);

const file = (key: string) => ({
  ...{ bucket: 'landing', key, etag: `e-${key}`, bytes: 1000, loader: 'quakes' },
  at: '2026-11-30T04:00:00.000Z',
});

const batch = (number: number, rest: Partial<StoredBatch>): StoredBatch => ({
  number,
  state: 'open',
  batch: {
    ...{ version: 1, batch: number, createdAt: '2026-11-30T05:00:00.000Z', reason: 'age' },
    ...{ files: [file('a'), file('b')], pages: [] },
  },
  ...rest,
});

const at = '2026-11-30T05:01:00.000Z';

describe('batches', () => {
  const shown = (batches: readonly StoredBatch[], total = batches.length) =>
    batchLines('quakes', { batches, total, parked: false }, colours);

  it('say how they ended', () => {
    const lines = shown([
      batch(5, {}),
      batch(4, { state: 'parked', failure: { version: 1, code: 'LoadFailed', message: 'line 3\nof x', at } }),
      batch(3, {
        state: 'loaded',
        closed: {
          ...{ version: 1, outcome: 'loaded', at, files: 1, bytes: 1, rows: 1680, merged: 1600, deleted: 3 },
          ...{ setAside: 2, newColumns: [], others: [{ ...file('b'), outcome: 'gone' }] },
        },
      }),
      batch(2, { state: 'skipped', closed: { version: 1, outcome: 'skipped', at, reason: 'test file' } }),
      batch(1, { state: 'split', closed: { version: 1, outcome: 'split', at, into: [2, 3] } }),
    ]);
    expect(lines.slice(1, 6).map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      '5 open 2026-11-30 05:00:00Z age 2 2.0 KB',
      '4 parked 2026-11-30 05:00:00Z age 2 2.0 KB LoadFailed: line 3 of x',
      '3 loaded 2026-11-30 05:00:00Z age 2 2.0 KB 1,680 rows read, 1,600 written, 3 deleted, 2 set aside, 1 file left o…',
      '2 skipped 2026-11-30 05:00:00Z age 2 2.0 KB test file',
      '1 split 2026-11-30 05:00:00Z age 2 2.0 KB into 2 and 3',
    ]);
  });

  it('that are not shown are counted', () => {
    expect(shown([batch(5, {})], 1200).join('\n')).toContain('and 1,199 more: --all');
  });

  it('that do not exist are one sentence', () => {
    expect(shown([])).toEqual(['quakes has no batches yet.']);
    expect(batchLines('quakes', { batches: [], total: 0, parked: true }, colours)).toEqual([
      'No batch of quakes is parked.',
    ]);
  });
});

it('files have their state and their batch; one that waits has none', () => {
  const files = [
    { ...file('new'), state: 'waiting' as const },
    { ...file('a'), state: 'gone' as const, batch: 3 },
  ];
  const lines = fileLines('quakes', { files, more: true }, colours);
  expect(lines[1]).toMatch(/^waiting +2026-11-30 04:00:00Z +1\.0 KB +s3:\/\/landing\/new$/);
  expect(lines[2]).toMatch(/^gone +3 +2026-11-30 04:00:00Z/);
  expect(lines[3]).toBe('and more than these 2: --all, or --limit <n>');
});

describe('the bookmark', () => {
  const definition = LoaderDefinition.parse({
    source: { bucket: 'landing' },
    format: { kind: 'csv' },
    target: { workgroup: 'analytics', database: 'dev', schema: 's', table: 't', iamRole: 'default' },
    staging: { bucket: 'staging', prefix: 'runs' },
  });

  it('cannot be set to the future, because no file before it would be listed', () => {
    const nowMs = Date.parse('2026-11-30T06:00:00Z');
    expect(() => refuseFuture('2027-11-30T06:00:00Z', nowMs)).toThrow('is in the future');
    expect(() => refuseFuture('2026-11-30T06:00:00Z', nowMs)).not.toThrow();
  });

  it('of a loader that has not listed yet', () => {
    expect(bookmarkLines('quakes', undefined, definition).join('')).toContain(
      'has not listed yet; it will list from its first start, overlap 2 d 0 h',
    );
  });

  it('is the bound, the newest file and what the last listing found', () => {
    const listing = {
      ...{
        version: 1 as const,
        revision: 3,
        from: at,
        newest: at,
        listedAt: at,
        files: 12,
        found: 2,
        tooOld: 1,
      },
      seen: [],
    };
    expect(bookmarkLines('quakes', listing, definition)).toEqual([
      'quakes lists files last modified since 2026-11-30 05:01:00Z, overlap 2 d 0 h (source.overlapSeconds in the configuration).',
      'The newest file so far: 2026-11-30 05:01:00Z.',
      'Listed at 2026-11-30 05:01:00Z: 12 files, 2 of them new.',
      'Older than ledgerDays (400), and left out: 1 file. npx tributary load loads them.',
    ]);
  });
});
