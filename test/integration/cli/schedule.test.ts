import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loadItems } from '../../../local/demo/load-items.ts';
import { scheduleOptions } from '../../../src/cli/schedules/schedules.ts';
import { ScheduleDefinition } from '../../../src/config/schedules/schedule-definition.ts';
import { CRON_TAKEN, CRON_WRONG, ZONES_TAKEN, ZONES_WRONG } from '../../unit/config/cron-expressions.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { command } from './command-line.ts';

describe('tributary infer, schema and schedule', () => {
  const harness = withHarness();
  const file = join(harness.directory(), 'tributary.yaml');
  const table = uniqueName('cli');
  const pipeline = 'things';

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'a' }, sk: { S: 's' }, n: { N: '1' } }]);
    const { definition } = harness.define(table, { source: { segments: 2 } });
    harness.definitions.set(pipeline, definition);
    await harness.startWorkers();
    await configure({});
  });

  /** Writes the configuration with these schedules. */
  const configure = async (schedules: object, others: object = {}) => {
    const definition = harness.definitions.get(pipeline)!;
    await writeFile(file, stringify({ pipelines: { [pipeline]: definition }, schedules, ...others }));
  };
  const tributary = (...words: string[]) =>
    command(words, {
      ...harness.environment,
      TRIBUTARY_CONFIG: file,
      TRIBUTARY_TEMPORAL_ADDRESS: testStack().temporal.address,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  /** Temporal's list may lag behind a change. */
  const listedOnce = (isRight: (schedules: Record<string, unknown>[]) => boolean) =>
    until(async () => {
      const { stdout, stderr } = await tributary('schedule', 'list', '--json');
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Record<string, unknown>[];
    }, isRight);
  const applied = async (...words: string[]) => {
    const { code, stdout, stderr } = await tributary('schedule', 'apply', '--json', ...words);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, string[]>;
  };

  test('infer agrees on a schema; schema shows, lists and compares revisions', async () => {
    const looked = await tributary('infer', pipeline, '--wait');
    expect(looked).toMatchObject({ code: 0, stdout: expect.stringContaining('only looked') });
    expect((await tributary('schema', 'history', pipeline, '--json')).stdout.trim()).toBe('[]');
    const first = await tributary('infer', pipeline, '--agree', '--wait');
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('agreed, revision 1') });
    await loadItems(harness.dynamodb, table, [
      { pk: { S: 'b' }, sk: { S: 's' }, n: { N: '1.5' }, late: { BOOL: true } },
    ]);
    const second = await tributary(
      'infer',
      pipeline,
      '--agree',
      '--wait',
      '--json',
      '--sample',
      '100%',
      '--examples',
      'off',
    );
    expect(JSON.parse(second.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      agreed: true,
      drift: { revision: 2, newColumns: 1, widened: 1 },
    });
    const shown = await tributary('schema', 'show', pipeline);
    expect(shown.stdout).toMatch(/n +DECIMAL\(38,1\) +n/);
    expect(shown.stdout).toContain('  distribution key AUTO, sort key AUTO\n');
    const diff = await tributary('schema', 'diff', `${pipeline}@1`, pipeline);
    expect(diff.stdout.trim().split('\n')).toEqual([
      `new column ${table}.late BOOLEAN (late)`,
      `${table}.n: BIGINT → DECIMAL(38,1)`,
    ]);
    const history = await tributary('schema', 'history', pipeline, '--json');
    expect(JSON.parse(history.stdout)).toMatchObject([
      { revision: 1 },
      { revision: 2, changes: diff.stdout.trim().split('\n') },
    ]);
    expect(await tributary('schema', 'show', `${pipeline}@9`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no revision 9'),
    });
  });

  test('a schedule is created, listed, paused, resumed, triggered and deleted', async () => {
    const created = await tributary(
      'schedule',
      'create',
      'things-weekly',
      '--pipeline',
      pipeline,
      '--run',
      'infer',
      '--cron',
      '0 6 * * MON',
      '--sample',
      '5%',
      '--agree',
    );
    expect(created).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Created schedule things-weekly; first due /),
    });
    const twice = await tributary(
      'schedule',
      'create',
      'things-weekly',
      '--pipeline',
      pipeline,
      '--every',
      '7d',
    );
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('already') });
    expect(await listedOnce((all) => all.length === 1)).toMatchObject([
      {
        name: 'things-weekly',
        pipeline,
        run: 'infer',
        when: '0 6 * * MON UTC',
        paused: false,
        origin: 'command',
      },
    ]);
    const { policies, spec } = await harness.client.schedule.getHandle('things-weekly').describe();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 24 * 3600 * 1000 });
    expect(spec.jitter).toBe(60_000);

    expect((await tributary('schedule', 'pause', 'things-weekly')).code).toBe(0);
    expect(await listedOnce((all) => all[0]?.paused === true)).toHaveLength(1);
    expect((await tributary('schedule', 'resume', 'things-weekly')).code).toBe(0);
    const triggered = await tributary('schedule', 'trigger', 'things-weekly');
    expect(triggered.code).toBe(0);
    const handle = harness.client.schedule.getHandle('things-weekly');
    const [action] = await until(
      async () => (await handle.describe()).info.recentActions,
      (actions) => actions.length > 0,
    );
    const { workflowId } = action!.action.workflow;
    expect(workflowId).toMatch(/^infer-things-\d{4}-/);
    expect(triggered.stdout).toContain(`inference ${workflowId}. See it: `);
    expect((await tributary('status', workflowId)).code).toBe(0);
    expect(await harness.client.workflow.getHandle(workflowId).result()).toMatchObject({ agreed: true });
    expect((await tributary('schedule', 'delete', 'things-weekly')).code).toBe(0);
    expect(await listedOnce((all) => all.length === 0)).toEqual([]);
    expect(await tributary('schedule', 'pause', 'things-weekly')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no schedule things-weekly'),
    });
  });

  test('apply makes the schedules match the file: new, unchanged, changed, and removed with --prune', async () => {
    const nightly = { pipeline, cron: '0 2 * * *', timezone: 'Europe/Berlin' };
    const weekly = { pipeline, run: 'infer', every: '7d', sample: '5%', agree: false };
    await configure({ nightly, weekly });
    expect(await applied()).toEqual({
      created: ['nightly', 'weekly'],
      updated: [],
      unchanged: [],
      surplus: [],
      undecodable: {},
    });
    await listedOnce((all) => all.length === 2);
    const { action } = await harness.client.schedule.getHandle('weekly').describe();
    expect(action).toMatchObject({ args: [{ pipeline, sample: '5%', agree: false }] });
    expect(await applied()).toEqual({
      created: [],
      updated: [],
      unchanged: ['nightly', 'weekly'],
      surplus: [],
      undecodable: {},
    });

    await tributary('schedule', 'pause', 'nightly');
    await configure({ nightly: { ...nightly, cron: '0 3 * * *' } });
    expect(await applied()).toEqual({
      created: [],
      updated: ['nightly'],
      unchanged: [],
      surplus: ['weekly'],
      undecodable: {},
    });
    expect(await listedOnce((all) => all.length === 2)).toMatchObject([
      { name: 'nightly', when: '0 3 * * * Europe/Berlin', paused: true, origin: 'file' },
      { name: 'weekly', when: 'every 7d' },
    ]);
    expect(await applied('--prune')).toMatchObject({ unchanged: ['nightly'], surplus: ['weekly'] });
    expect(await listedOnce((all) => all.length === 1)).toMatchObject([{ name: 'nightly' }]);
  });

  test('a schedule with finishWithin has a watch that is due at the same times, and follows it', async () => {
    const watched = { pipeline, cron: '0 2 * * *', timezone: 'Europe/Berlin', finishWithin: '2h' };
    const watch = harness.client.schedule.getHandle('watched.watch');
    const isThere = () =>
      watch.describe().then(
        () => true,
        () => false,
      );
    await configure({ watched });
    expect(await applied()).toMatchObject({ created: ['watched'] });
    expect(await applied()).toMatchObject({ unchanged: ['watched'] });
    const { spec } = await harness.client.schedule.getHandle('watched').describe();
    const { spec: same, action, policies } = await watch.describe();
    expect(same.calendars).toEqual(spec.calendars);
    expect(same.timezone).toBe('Europe/Berlin');
    expect(same.jitter ?? 0).toBe(0);
    expect(policies.overlap).toBe('ALLOW_ALL');
    expect(action).toMatchObject({
      workflowType: 'watchSchedule',
      args: [{ schedule: 'watched', pipeline, finishWithinSeconds: 7200 }],
    });
    // It is part of its schedule: no command lists or prunes it.
    expect((await listedOnce((all) => all.length > 0)).map(({ name }) => name)).not.toContain(
      'watched.watch',
    );

    await tributary('schedule', 'pause', 'watched');
    expect((await watch.describe()).state.paused).toBe(true);
    await tributary('schedule', 'resume', 'watched');
    expect((await watch.describe()).state.paused).toBe(false);

    // What it starts counts from the time that was due.
    await watch.trigger();
    const [started] = await until(
      async () => (await watch.describe()).info.recentActions,
      (actions) => actions.length > 0,
    );
    const handle = harness.client.workflow.getHandle(started!.action.workflow.workflowId);
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes.TemporalScheduledStartTime).toHaveLength(1);
    await handle.terminate();

    await configure({ watched: { ...watched, finishWithin: '3h' } });
    expect(await applied()).toMatchObject({ updated: ['watched'] });
    expect((await watch.describe()).action).toMatchObject({ args: [{ finishWithinSeconds: 10_800 }] });
    const { finishWithin: _, ...unwatched } = watched;
    await configure({ watched: unwatched });
    expect(await applied()).toMatchObject({ updated: ['watched'] });
    expect(await isThere()).toBe(false);
    await configure({ watched });
    await applied();
    await configure({});
    await applied('--prune');
    expect(await isThere()).toBe(false);
  });

  test('schedules of datasets start what "dataset run" starts, and a run that is due while another is open is left out', async () => {
    const partition = { column: 'day', timezone: 'Europe/London' };
    const source = (name: string) => ({
      ...{ source: { bucket: 'raw', prefix: `${name}/` }, records: './records.ts', partition },
      expect: { from: '2026-01-01' },
    });
    const datasets = {
      ...{ logs: source('logs'), transactions: source('transactions') },
      daily_stats: {
        ...{ sql: './daily.sql', inputs: { transactions: 'same-day' }, partition },
        columns: { total: 'decimal(18,2)' },
      },
    };
    const daily = { cron: '0 4 * * *', timezone: 'Europe/London' };
    const schedules = {
      hourly: { dataset: 'logs', every: '1h' },
      stats: { dataset: 'transactions', ...daily },
      reports: { datasets: 'all', ...daily, finishWithin: '2h' },
      some: { datasets: ['daily_stats', 'logs'], ...daily },
    };
    await configure(schedules, {
      datasets,
      defaults: { datasets: { store: { bucket: 'lake', prefix: 'tables' } } },
    });
    expect(await applied()).toMatchObject({ created: ['hourly', 'stats', 'reports', 'some'] });
    expect(await applied()).toMatchObject({ unchanged: ['hourly', 'stats', 'reports', 'some'] });
    const described = async (name: string) => {
      const { action, policies } = await harness.client.schedule.getHandle(name).describe();
      const { workflowType, workflowId, args } = action;
      return { workflowType, workflowId, args, overlap: policies.overlap };
    };
    const overlap = 'SKIP';
    expect(await Promise.all(Object.keys(schedules).map(described))).toEqual([
      {
        workflowType: 'refreshDataset',
        workflowId: 'dataset/logs/hourly',
        args: [{ dataset: 'logs' }],
        overlap,
      },
      {
        ...{ workflowType: 'refreshGraph', workflowId: 'graph/transactions/stats', overlap },
        args: [{ datasets: ['transactions'] }],
      },
      { workflowType: 'refreshGraph', workflowId: 'graph/all/reports', args: [{}], overlap },
      {
        ...{ workflowType: 'refreshGraph', workflowId: 'graph/datasets/some', overlap },
        args: [{ datasets: ['daily_stats', 'logs'] }],
      },
    ]);
    expect(await described('reports.watch')).toEqual({
      ...{ workflowType: 'watchSchedule', workflowId: 'watch-reports', overlap: 'ALLOW_ALL' },
      args: [{ schedule: 'reports', pipeline: 'datasets', datasets: 'all', finishWithinSeconds: 7200 }],
    });
    const listed = await listedOnce((all) => all.length === 4);
    expect(listed.map(({ name, pipeline: of, run }) => [name, of, run])).toEqual([
      ['hourly', 'logs', 'dataset'],
      ['reports', 'datasets', 'datasets'],
      ['some', 'datasets', 'datasets'],
      ['stats', 'transactions', 'datasets'],
    ]);
    // Once something is made of the logs, a run of them builds that, too.
    const reads = { ...datasets.daily_stats, inputs: { logs: 'same-day' } };
    await configure(schedules, {
      ...{ datasets: { ...datasets, daily_logs: reads } },
      ...{ defaults: { datasets: { store: { bucket: 'lake', prefix: 'tables' } } } },
    });
    expect(await applied()).toMatchObject({ updated: ['hourly'] });
    expect(await described('hourly')).toMatchObject({ workflowType: 'refreshGraph' });
    await configure({});
    await applied('--prune');
  });

  test('a cron expression or time zone is accepted exactly if Temporal accepts it', async () => {
    const takenByTemporal = async (cron: string, timezone = 'UTC') => {
      const definition = ScheduleDefinition.parse({ pipeline, every: '1d' });
      const { every: _, ...rest } = { ...definition, cron, timezone };
      try {
        await harness.client.schedule.create(scheduleOptions('asked', rest, 'command'));
      } catch (error) {
        // The SDK throws this for what Temporal refuses as invalid, unlike a failure that may pass.
        if ((error as Error).name !== 'TypeError') throw error;
        return false;
      }
      await harness.client.schedule.getHandle('asked').delete();
      return true;
    };
    for (const cron of CRON_TAKEN)
      expect({ cron, taken: await takenByTemporal(cron) }).toEqual({ cron, taken: true });
    for (const [cron] of CRON_WRONG)
      expect({ cron, taken: await takenByTemporal(cron) }).toEqual({ cron, taken: false });
    for (const [zones, expected] of [
      [ZONES_TAKEN, true],
      [ZONES_WRONG, false],
    ] as const) {
      for (const zone of zones)
        expect({ zone, taken: await takenByTemporal('@daily', zone) }).toEqual({ zone, taken: expected });
    }
  });

  test('an impossible schedule is refused with the reason', async () => {
    expect(
      await tributary('schedule', 'create', 'odd', '--pipeline', 'thing', '--every', '1d'),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/No pipeline "thing" \(did you mean "things"\?\)\. Known: things\./),
    });
    expect(
      await tributary('schedule', 'create', 'odd', '--pipeline', pipeline, '--cron', '61 2 * * *'),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--cron: expected a minute from 0 to 59'),
    });
    await configure({ odd: { pipeline: 'thing', every: '1d' } });
    expect(await tributary('schedule', 'apply')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/odd\.pipeline: expected a pipeline of this file.*did you mean "things"/),
    });
    await configure({ odd: { pipeline, every: '1d', cron: '0 0 * * *' } });
    expect(await tributary('config', 'check')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exactly one of cron and every'),
    });
    await configure({});
  });
});
