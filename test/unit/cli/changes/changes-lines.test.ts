import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { changesLines, changesTable } from '../../../../src/cli/changes/changes-lines.ts';
import {
  type ChangesView,
  type DestinationView,
  destinationView,
  exitCodeOf,
  readingOf,
} from '../../../../src/cli/changes/changes-view.ts';

const colours = picocolors.createColors(false);
const AT = '2026-11-30T05:59:00.000Z';

const WAREHOUSE: DestinationView = {
  destination: 'warehouse',
  kind: 'redshift',
  place: 'dev.orders of analytics',
  workflowId: 'apply/orders/warehouse',
  state: 'idle',
  lag: { seconds: 0, bytes: 0, count: 0 },
  totals: { rounds: 12, changes: 1100, keys: 900, rows: 2200, setAside: 1 },
  last: { at: AT, seconds: 4.2, changes: 20, keys: 18, rows: 40, setAside: 0 },
};
const HISTORY: DestinationView = {
  ...WAREHOUSE,
  ...{ destination: 'history', kind: 's3', place: 's3://lake/orders/', workflowId: 'apply/orders/history' },
};
const RUNNING: ChangesView = {
  kind: 'streams',
  pipeline: 'orders',
  table: 'Orders',
  workflowId: 'changes/orders',
  state: 'following',
  epoch: '0123456789abcdef',
  shards: { open: 4, failed: 0, ended: 96 },
  failed: [],
  gaps: [],
  destinations: [WAREHOUSE, HISTORY],
};

const shown = (view: ChangesView) => changesLines(view, colours).join('\n');
const withState = (state: DestinationView['state'], more: Partial<DestinationView> = {}): ChangesView => ({
  ...RUNNING,
  destinations: [WAREHOUSE, { ...HISTORY, state, ...more }],
});

describe('the changes of one pipeline', () => {
  it('that is up to date: shards, what was applied, and nothing to do', () => {
    const text = shown(RUNNING);
    expect(text).toMatch(
      /^orders {2}Orders, epoch 0123456789abcdef\nfollowing\n4 shards read, 96 read to the end\n/,
    );
    expect(text).toContain('not applied  nothing');
    expect(text).toContain('1,100 changes in 12 applies, 2,200 rows written, 1 set aside');
    expect(text).toContain('20 changes at 2026-11-30 05:59');
    expect(text).not.toContain('npx tributary');
    expect(exitCodeOf(RUNNING)).toBe(0);
  });

  it('with what slows its readers, and the pace of the last apply', () => {
    const reading = [
      { shard: 's1', iteratorAgeSeconds: 3, limitHits: 2, changes: 10 },
      { shard: 's2', iteratorAgeSeconds: 75, limitHits: 0, changes: 10 },
    ];
    const fast = { ...WAREHOUSE, last: { ...WAREHOUSE.last!, changes: 4200 } };
    const text = shown({ ...RUNNING, reading, destinations: [fast] });
    expect(text).toMatch(/^iterator age 1 min.*, 2 calls refused because of the stream’s limits$/m);
    expect(text).toContain('in 4.2 s, 1,000 per second');
    expect(shown({ ...RUNNING, reading: reading.slice(1) })).not.toContain('refused');
  });

  it('that is behind: by how much', () => {
    const lag = { seconds: 75, bytes: 2e6, count: 4000 };
    expect(shown(withState('applying', { lag }))).toContain(
      '4,000 changes, 2.0 MB, the oldest for 1 min 15 s',
    );
  });

  it('with a blocked destination: why, and the command that tries it again', () => {
    const view = withState('blocked', { why: 'COPY failed', code: 'LoadFailed', since: AT });
    const text = shown(view);
    expect(text).toMatch(/blocked since 2026-11-30 05:59\S* {2}LoadFailed\n {4}COPY failed/);
    expect(text).toContain('npx tributary changes retry orders --destination history');
    expect(exitCodeOf(view)).toBe(3);
  });

  it('that waits for a refresh: the run that clears it', () => {
    const [warehouse] = RUNNING.destinations;
    const state = 'waiting for a refresh';
    const why = 'Changes were lost.';
    const view: ChangesView = {
      ...RUNNING,
      state: 'gap',
      gaps: [{ reason: 'trimmed', message: why, at: AT }],
      destinations: [{ ...warehouse!, state, why, code: 'ChangesLost', since: AT }],
    };
    const text = shown(view);
    expect(text).toContain('following, but changes were lost');
    expect(text).toMatch(/✗ gap \(trimmed\) at 2026-11-30 05:59.*: Changes were lost\./);
    expect(text).toContain('→ npx tributary run orders\n');
    expect(exitCodeOf(view)).toBe(3);
  });

  it('of which a shard failed: its reason, and the command', () => {
    const failed = [{ shard: 'shardId-1', code: 'AccessDenied', error: 'not allowed' }];
    const view = { ...RUNNING, shards: { open: 3, failed: 1, ended: 0 }, failed };
    expect(shown(view)).toMatch(/✗ shard shardId-1 {2}AccessDenied\n {4}not allowed/);
    expect(shown(view)).toContain('npx tributary changes retry orders');
    expect(exitCodeOf(view)).toBe(3);
  });

  it('that is not read, or not applied: the exit code, and how to start it', () => {
    const unread: ChangesView = { ...RUNNING, state: 'not started' };
    expect(shown(unread)).toContain('npx tributary changes start orders');
    expect(shown(unread)).toContain('The stream keeps them for 24 hours.');
    expect(shown({ ...unread, kind: 'exports' })).toContain('Point-in-time recovery keeps them for 35 days.');
    expect(exitCodeOf(unread)).toBe(1);
    const unapplied = withState('stopped', { why: 'cancelled', since: AT });
    expect(shown(unapplied)).toContain(
      'Not applied to history. Start it: npx tributary changes start orders',
    );
    expect(exitCodeOf(unapplied)).toBe(1);
  });

  it('of which a destination was removed, and is still in the configuration', () => {
    const of = {
      name: 'team-b',
      kind: 'redshift',
      place: 'dev.b',
      workflowId: 'apply/orders/team-b',
    } as const;
    const seen = { workflowId: of.workflowId, state: 'ended', ended: 'completed', closedAt: AT } as const;
    const view = { ...RUNNING, destinations: [...RUNNING.destinations, destinationView(of, seen)] };
    expect(shown(view)).toMatch(/removed since .*, and still in the configuration/);
    expect(exitCodeOf(view)).toBe(exitCodeOf(RUNNING));
  });

  it('that is paused: why, and how to resume it', () => {
    expect(shown(withState('paused', { why: 'maintenance', since: AT }))).toMatch(
      /paused since .*: maintenance[\s\S]*npx tributary changes resume orders --destination history/,
    );
    const paused: ChangesView = { ...RUNNING, state: 'paused', why: 'maintenance', since: AT };
    expect(shown(paused)).toContain('npx tributary changes resume orders --reading');
    expect(exitCodeOf(paused)).toBe(3);
  });
});

describe('several pipelines', () => {
  it('have a line per destination', () => {
    const text = changesTable([RUNNING, { ...RUNNING, pipeline: 'users' }], colours).join('\n');
    expect(text).toMatch(/orders +following +4 +warehouse +idle +0 s +0 +1,100/);
    expect(text).toMatch(/\n +history +idle/);
    expect(text).toMatch(/\nusers +following/);
  });
});

describe('what a workflow says', () => {
  it('that does not answer is shown as its last state', () => {
    const seen = {
      workflowId: 'changes/orders',
      state: 'running',
      summary: 'following: 4 shards read',
    } as const;
    expect(readingOf(seen)).toMatchObject({ state: 'unknown', why: 'following: 4 shards read' });
  });

  it('that waits for a refresh, with the reason', () => {
    const { name, ...of } = { name: 'warehouse', kind: 'redshift', place: 'p', workflowId: 'w' } as const;
    const needsRefresh = { code: 'NoPositions', message: 'why', at: AT };
    const view = destinationView(
      { name, ...of },
      {
        ...{ workflowId: 'w', state: 'running' },
        progress: {
          ...{ pipeline: 'orders', destination: name, state: 'waiting for a refresh', needsRefresh },
          ...{ lag: { seconds: 0, bytes: 0, count: 0 }, totals: WAREHOUSE.totals!, since: AT },
        },
      },
    );
    expect(view).toMatchObject({
      state: 'waiting for a refresh',
      why: 'why',
      code: 'NoPositions',
      since: AT,
    });
  });
});
