import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { loaderLines, loadersTable } from '../../../../src/cli/loader/loader-lines.ts';
import { exitCodeOf, type LoaderView } from '../../../../src/cli/loader/loader-view.ts';

const colours = picocolors.createColors(false);
const NOW = Date.parse('2026-11-30T06:00:00Z');

const RUNNING: LoaderView = {
  loaders: ['quakes'],
  table: 'analytics/dev/landing/quakes',
  workflowId: 'loader/analytics/dev/landing/quakes',
  state: 'idle',
  waiting: { files: 0, bytes: 0 },
  next: [],
  parked: [],
  parkedTotal: 0,
  totals: { batches: 12, files: 1100, bytes: 2e8, rows: 293, merged: 290, deleted: 3, setAside: 1 },
  totalsSince: '2026-11-30T04:00:00.000Z',
  last: { batch: 12, at: '2026-11-30T05:59:00.000Z', rows: 20 },
  troubles: [],
  watchers: [
    {
      watches: 'queue https://sqs/1/quakes',
      workflowId: 'watch/sqs/1/quakes',
      loaders: ['quakes'],
      state: 'running',
      queue: { at: '2026-11-30T05:59:30.000Z', visible: 40, inFlight: 10, delayed: 0, oldestSeconds: 75 },
      totals: { messages: 1200, files: 1100, unmatched: 0, poison: 0, listed: 0 },
      listings: [],
      problems: [],
      unmatched: [],
    },
  ],
};

const PARKED = {
  batch: 7,
  files: 2,
  code: 'LoadFailed',
  error: 's3://landing/quakes/bad.csv line 3, column mag: Invalid digit; the value is "abc"',
  at: '2026-11-30T05:00:00.000Z',
};

const shown = (view: LoaderView) => loaderLines(view, { nowMs: NOW }, colours).join('\n');

describe('one loader', () => {
  it('that is idle: totals, the queue, and nothing to do', () => {
    const text = shown(RUNNING);
    expect(text).toMatch(/^quakes {2}analytics\/dev\/landing\/quakes\nidle\n/);
    expect(text).toContain('loaded   12 batches, 1,100 files, 200 MB, since 2026-11-30 04:00');
    expect(text).toContain('293 read, 290 written, 3 deleted, 1 set aside');
    expect(text).toContain('in the queue: 40 waiting, 10 in flight, the oldest for 1 min 15 s (30 s ago)');
    expect(text).not.toContain('npx tributary');
    expect(exitCodeOf(RUNNING)).toBe(0);
  });

  it('that cannot do its work, or whose watcher cannot: the exit code says so', () => {
    const [watcher] = RUNNING.watchers;
    const problem = { of: '(queue)', code: 'QueueNotFound', error: 'no such queue', at: PARKED.at };
    const watchers = [{ ...watcher!, problems: [problem] }];
    expect(exitCodeOf({ ...RUNNING, watchers })).toBe(1);
    expect(exitCodeOf({ ...RUNNING, troubles: ['its inbox cannot be read'] })).toBe(1);
  });

  it('that loads: its batch, and how long the oldest file has waited', () => {
    const text = shown({
      ...RUNNING,
      state: 'loading',
      waiting: { files: 3, bytes: 2e7, oldest: '2026-11-30T05:59:18.000Z' },
      current: {
        ...{ batch: 13, files: 100, bytes: 1e9, reason: 'files', workflowId: 'w' },
        startedAt: '2026-11-30T05:59:48.000Z',
      },
    });
    expect(text).toContain('loading batch 13\n');
    expect(text).toContain('waiting  3 files, 20 MB, the oldest for 42 s');
    expect(text).toContain('batch 13: 100 files, 1.0 GB, for 12 s (started by files)');
  });

  it('whose batch is tried again: the attempt, and the last error', () => {
    const text = shown({
      ...RUNNING,
      state: 'loading',
      current: {
        ...{ batch: 13, files: 100, bytes: 1e9, workflowId: 'w', startedAt: '2026-11-30T05:59:48.000Z' },
        reason: 'files',
        retry: { attempt: 3, error: 'Disk Full' },
      },
    });
    expect(text).toContain('retried  attempt 3 runs; the one before failed: Disk Full');
  });

  it('with a parked batch: where the fault is, and the commands for every way out', () => {
    const view = { ...RUNNING, parked: [PARKED], parkedTotal: 1 };
    const text = shown(view);
    expect(text).toContain('✗ batch 7 is parked since 2026-11-30 05:00:00Z, 2 files  LoadFailed');
    expect(text).toContain(
      's3://landing/quakes/bad.csv line 3, column mag: Invalid digit; the value is "abc"',
    );
    expect(text).toContain('npx tributary loader retry quakes 7');
    expect(text).toContain('npx tributary loader split quakes 7');
    expect(text).toContain('npx tributary loader skip quakes 7');
    expect(exitCodeOf(view)).toBe(3);
  });

  it('a parked batch of one file is not to be split', () => {
    const text = shown({ ...RUNNING, parked: [{ ...PARKED, files: 1 }], parkedTotal: 1 });
    expect(text).not.toContain('loader split');
    expect(text).toContain('leave its file out: npx tributary loader skip quakes 7');
  });

  it('shows ten parked batches, and how to list the others', () => {
    const parked = Array.from({ length: 50 }, (_, n) => ({ ...PARKED, batch: n + 1 }));
    const text = shown({ ...RUNNING, parked, parkedTotal: 73 });
    expect(text.match(/is parked/g)).toHaveLength(10);
    expect(text).toContain('and 63 more: npx tributary loader batches quakes --parked');
  });

  it('that is paused says why, and how to resume it', () => {
    const view: LoaderView = {
      ...RUNNING,
      state: 'paused',
      why: '20 batches in a row were parked',
      since: '2026-11-30T04:00:00.000Z',
    };
    expect(shown(view)).toContain('paused since 2026-11-30 04:00:00Z: 20 batches in a row were parked');
    expect(shown(view)).toContain('Resume it: npx tributary loader resume quakes');
    expect(exitCodeOf(view)).toBe(3);
  });

  it('that was never started is shown from S3, with how to start it', () => {
    const { totals: _, last: __, ...rest } = RUNNING;
    const view: LoaderView = { ...rest, state: 'not started', waiting: { files: 3, bytes: 10 } };
    expect(shown(view)).toContain('not started');
    expect(shown(view)).toContain(
      '3 files of quakes wait in S3. Start it: npx tributary loader start quakes',
    );
    expect(shown(view)).not.toContain('loaded');
    expect(exitCodeOf(view)).toBe(1);
  });

  it('whose queue is not watched must be started, too', () => {
    const [watcher] = RUNNING.watchers;
    const view: LoaderView = { ...RUNNING, watchers: [{ ...watcher!, state: 'stopped', why: 'cancelled' }] };
    expect(shown(view)).toContain('not watched (stopped): queue https://sqs/1/quakes');
    expect(shown(view)).toContain('npx tributary loader start quakes');
    expect(exitCodeOf(view)).toBe(1);
  });

  it('whose watcher no loader uses any more: it ends by itself', () => {
    const [watcher] = RUNNING.watchers;
    const watchers = [{ ...watcher!, unusedSince: '2026-11-30T05:55:00.000Z' }];
    expect(shown({ ...RUNNING, watchers })).toContain(
      "no loader of the worker's configuration uses it since 2026-11-30 05:55",
    );
  });

  it('files that no loader matches are counted, with examples', () => {
    const [watcher] = RUNNING.watchers;
    const totals = { ...watcher!.totals!, unmatched: 2, poison: 1 };
    const text = shown({
      ...RUNNING,
      watchers: [{ ...watcher!, totals, unmatched: ['s3://landing/x.tmp'] }],
    });
    expect(text).toContain('2 files that no loader matches, messages not of S3 received 1 time');
    expect(text).toContain('no loader matches s3://landing/x.tmp');
  });

  it('what waits says when it was counted, unless that was just now', () => {
    const waiting = { files: 0, bytes: 0, at: '2026-11-30T05:59:15.000Z' };
    expect(shown({ ...RUNNING, waiting })).toContain('no files (45 s ago)');
    expect(shown({ ...RUNNING, waiting: { ...waiting, at: '2026-11-30T05:59:58.000Z' } })).toMatch(
      /no files$/m,
    );
  });

  it('whose table was recreated must accept it', () => {
    const text = shown({ ...RUNNING, parked: [{ ...PARKED, code: 'TargetRecreated' }], parkedTotal: 1 });
    expect(text).toContain('npx tributary loader resume quakes --accept-table');
    expect(text).not.toContain('loader skip');
  });

  it('numbers that were not counted say so', () => {
    const waiting = { files: 1e6, bytes: 1e12, estimated: true, more: true } as const;
    expect(shown({ ...RUNNING, waiting })).toContain('about 1,000,000 files or more, 1.0 TB');
  });
});

it('several loaders are a table, and what needs an operator is below it', () => {
  const other: LoaderView = { ...RUNNING, loaders: ['weather'], parked: [PARKED], parkedTotal: 1 };
  const lines = loadersTable([RUNNING, other], { nowMs: NOW }, colours);
  expect(lines[0]).toMatch(/^loader +state +waiting +oldest +parked +files +rows written +last$/);
  expect(lines[1]).toMatch(/^quakes +idle +0 +0 +1,100 +290 +2026-11-30 05:59:00Z$/);
  expect(lines.join('\n')).toContain('weather: batch 7 is parked: s3://landing/quakes/bad.csv line 3');
});
