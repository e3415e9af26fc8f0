import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { rewindRangeOf } from '../../../src/activities/apply-changes/rewind-log.ts';
import { createCatchUpActivities } from '../../../src/activities/catch-up/catch-up-activities.ts';
import { pruneChangeLog } from '../../../src/activities/maintenance/prune-log.ts';
import type { PrunedLog } from '../../../src/contract/changes/follow-activities.ts';
import {
  applyDirectory,
  changesDirectory,
  destinationPauseKey,
} from '../../../src/pipeline/changes/change-directory.ts';
import type { Pipeline } from '../../../src/pipeline/definition/pipeline.ts';
import { createMarker, writeMarker } from '../../../src/pipeline/load/marker.ts';
import { createPositions, firstPositions, type Position } from '../../../src/pipeline/load/positions.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import type { Plan } from '../../../src/pipeline/run/plan.ts';
import { planKey } from '../../../src/pipeline/run/run-directory.ts';
import { removeCursors } from '../../../src/store/changes/history-files.ts';
import { clearRemoval, isRemoved, writeRemoval } from '../../../src/store/changes/removal-file.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { EPOCH, store, WrittenLog } from './written-log.ts';

const AT = Date.parse('2026-11-30T00:10:00Z') / 1000;

describe('a change log', () => {
  const harness = withHarness();

  /**
   * @param keepDays negative: objects that were just written are old enough
   * @param known a pipeline whose schema may exist
   */
  function prune(
    log: WrittenLog,
    keepDays: number,
    { definition } = harness.define('orders'),
    hoursLater = 0,
  ): Promise<PrunedLog> {
    const { history } = log.destination();
    const pipeline: Pipeline = {
      mapping: Mapping.parse({}),
      redactValues: false,
      source: {
        ...definition.source,
        changes: { kind: 'streams', cutSeconds: 15, cutBytes: 8e6, settleSeconds: 300, keepDays },
      },
      staging: { ...definition.staging, prefix: `${log.prefix}/log` },
      destinations: {
        warehouse: { kind: 'redshift', definition },
        history: {
          kind: 's3',
          settings: { kind: 's3', bucket: history.store.bucket, prefix: history.at.prefix, format: 'jsonl' },
          mapping: Mapping.parse({}),
        },
      },
    };
    const { dependencies } = harness;
    const bucketMaintenance = (name: string) => {
      const real = dependencies.bucketMaintenance(name);
      const time = async () => new Date((await real.time()).getTime() + hoursLater * 3_600_000);
      return { ...real, time };
    };
    const deps = { ...dependencies, bucketMaintenance, pipelineOf: async () => pipeline };
    const logger = new DefaultLogger('ERROR');
    const { client } = harness;
    return new MockActivityEnvironment({}, { logger, client }).run(() =>
      pruneChangeLog(deps, { pipeline: 'orders' }),
    );
  }

  async function keys(log: WrittenLog): Promise<string[]> {
    const directory = changesDirectory(log.log().at);
    const found: string[] = [];
    for await (const { key } of store.list(directory)) found.push(key.slice(directory.length));
    return found.map((key) => key.replace(/^[^/]+\//, '').replace(/-a\.jsonl.*$/, ''));
  }

  test('keeps nothing for a destination that was removed; a history that is one again begins with what is left', async () => {
    const log = new WrittenLog();
    await log.open(['s1']);
    await log.record('s1', [['a', AT]]);
    await log.round();
    for (const id of ['b', 'c']) await log.record('s1', [[id, AT]]);
    expect(await prune(log, -3)).toMatchObject({ deleted: 2, keptFor: ['history history'] });
    const { signal } = new AbortController();
    await writeRemoval(store, log.log().at, 'history', new Date(), signal);
    expect(await prune(log, -3)).toMatchObject({ deleted: 2, keptFor: [] });
    await clearRemoval(store, log.log().at, 'history', signal);
    expect(await isRemoved(store, log.log().at, 'history', signal)).toBe(false);
    await expect(log.round()).rejects.toMatchObject({ code: 'LogDeleted' });
    await removeCursors(log.destination().history, signal);
    expect((await log.round()).applied?.changes).toBe(1);
    expect(await log.ids()).toEqual({ '2026-11-30': ['a', 'c'] });
  });

  test('loses what is old and behind every destination; a shard’s last checkpoint stays', async () => {
    const log = new WrittenLog();
    await log.open(['s1', 's2']);
    for (const id of ['a', 'b', 'c']) await log.record('s1', [[id, AT]]);
    await log.record('s2', [['d', AT]], { ended: true });
    const before = await keys(log);
    expect(await prune(log, -3)).toMatchObject({ deleted: 0, keptFor: ['history history'] });
    expect(await keys(log)).toEqual(before);
    await log.round();
    expect(await prune(log, 7)).toMatchObject({ deleted: 0, keptFor: [] });
    expect(await keys(log)).toEqual(before);
    const pruned = await prune(log, -3);
    expect(pruned).toMatchObject({ deleted: 4, keptFor: [] });
    expect(pruned.bytes).toBeGreaterThan(0);
    expect(await keys(log)).toEqual([
      'epoch.json',
      'shards/s1/checkpoint-00000003.json',
      'shards/s1/records/00000003',
      'shards/s1/shard.json',
      'shards/s2/checkpoint-00000001.json',
      'shards/s2/records/00000001',
      'shards/s2/shard.json',
    ]);
    await log.record('s1', [['e', AT]]);
    expect((await log.round()).applied?.changes).toBe(1);
    expect(await log.ids()).toEqual({ '2026-11-30': ['a', 'b', 'c', 'e', 'd'] });
  });

  test('keeps what live, or a backup that a rollback can restore, does not have yet', async () => {
    const log = new WrittenLog();
    await log.open(['s1']);
    for (const id of ['a', 'b', 'c', 'd']) await log.record('s1', [[id, AT]]);
    await log.round();
    const known = harness.define('orders');
    const { schema } = known;
    const backup = `${schema}__20261129t000000z_aaaaaa_backup`;
    const at = (checkpoint: number) => [{ epoch: EPOCH, shard: 's1', checkpoint, ended: false }];
    await create(schema, at(3));
    await create(backup, at(1));
    const before = await prune(log, -3, known);
    expect(before).toMatchObject({ deleted: 2, keptFor: [`backup ${backup}`] });
    expect(await keys(log)).toContain('shards/s1/checkpoint-00000002.json');
    await harness.sql(`DROP SCHEMA "${backup}" CASCADE`);
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 4, keptFor: [] });
    await log.record('s1', [['e', AT]]);
    await log.record('s1', [['f', AT]]);
    await log.round();
    // Live has checkpoint 3: the next apply takes 4.
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 0, keptFor: [`schema ${schema}`] });
  });

  test('loses shards that have ended, and their positions, once all are past them; a rewind reaches back as far as before', async () => {
    const log = new WrittenLog();
    await log.open(['root']);
    await log.record('root', [['a', AT]], { ended: true });
    await log.follow('root', 's1', '2026-11-29T08:00:00.000Z');
    await log.record('s1', [['b', AT]]);
    await log.record('s1', [['c', AT]], { ended: true });
    await log.follow('s1', 's2', '2026-11-29T12:00:00.000Z');
    await log.record('s2', [['d', AT]]);
    await log.round();
    const known = harness.define('orders');
    const { schema } = known;
    const backup = `${schema}__20261129t000000z_aaaaaa_backup`;
    const at = (...places: readonly [shard: string, checkpoint: number, ended: boolean][]) =>
      places.map(([shard, checkpoint, ended]) => ({ epoch: EPOCH, shard, checkpoint, ended }));
    const past = at(['root', 1, true], ['s1', 2, true], ['s2', 1, false]);
    await create(schema, past);
    await create(backup, at(['root', 1, true], ['s1', 1, false]));
    const s1 = async () => (await keys(log)).filter((key) => key.includes('/s1/'));
    expect(await prune(log, 7, known)).toMatchObject({ deleted: 0 });
    // A rollback would need the end of it.
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 2 });
    expect(await s1()).toHaveLength(3);
    await harness.sql(`DROP SCHEMA "${backup}" CASCADE`);
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 4, keptFor: [] });
    expect(await s1()).toEqual([]);
    expect(await shardsAt(schema)).toEqual(['root', 's2']);
    expect((await log.keys()).filter((key) => key.includes('/_cursor/') && key.includes('/s1/'))).toEqual([]);
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 0 });

    const range = (since: string) =>
      rewindRangeOf(log.log(), past, new Date(since), new AbortController().signal);
    expect(await range('2026-11-29T13:00:00Z')).toEqual([
      [{ shard: 'root', after: 0, upTo: 1 }],
      [{ shard: 's2', after: 0, upTo: 1 }],
    ]);
    await expect(range('2026-11-29T12:00:00Z')).rejects.toThrow('It does from 2026-11-29T12:00:00.001Z on');
    await log.record('s2', [['e', AT]]);
    expect((await log.round()).applied?.changes).toBe(1);
    expect(await log.ids()).toEqual({ '2026-11-30': ['a', 'b', 'c', 'd', 'e'] });
  });

  test('that has lost a shard does not keep a run from replacing tables that say they have it', async () => {
    const log = new WrittenLog();
    await log.open(['root']);
    await log.follow('s1', 's2', '2026-11-29T12:00:00.000Z');
    const known = harness.define('orders');
    const { schema, definition } = known;
    const staging = `${schema}__20261130t000000z_bbbbbb_1`;
    const at = (...places: readonly [shard: string, checkpoint: number, ended: boolean][]) =>
      places.map(([shard, checkpoint, ended]) => ({ epoch: EPOCH, shard, checkpoint, ended }));
    // As a rollback to a backup leaves it.
    await create(schema, at(['root', 1, true], ['s1', 2, true], ['s2', 2, false]));
    await create(staging, at(['root', 1, true], ['s2', 1, false]));
    const ofLog = { ...definition, staging: { ...definition.staging, prefix: `${log.prefix}/log` } };
    const activities = createCatchUpActivities({
      ...harness.dependencies,
      definitionOf: async () => ofLog,
    });
    const compared = () =>
      new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
        activities.shardsBehindLive({ pipeline: 'orders', destination: 'warehouse', stagingSchema: staging }),
      );
    expect(await compared()).toBe(1);
    expect(await shardsAt(staging)).toEqual(['root', 's1', 's2']);
    await harness.sql(`UPDATE "${staging}"."_tributary_positions" SET "checkpoint" = 2 WHERE "shard" = 's2'`);
    expect(await compared()).toBe(0);
  });

  test('keeps what a run under way needs that takes the part files of an earlier one', async () => {
    const log = new WrittenLog();
    await log.open(['s1']);
    for (const id of ['a', 'b', 'c', 'd']) await log.record('s1', [[id, AT]]);
    await log.round();
    const known = harness.define('orders');
    const workflowId = `refresh-orders-${log.prefix}`;
    // No worker takes its task, so it stays open.
    const handle = await harness.client.workflow.start('refreshWarehouse', {
      ...{ workflowId, taskQueue: 'none' },
      args: [{ pipeline: 'orders', run: 'over' }],
    });
    const owner = { workflowId, firstExecutionRunId: handle.firstExecutionRunId };
    const { definition } = known;
    const plan: Plan = {
      ...{ version: 1, pipeline: 'orders', run: 'over', owner, definition, segments: 1, layouts: [] },
      plannedAt: '2026-11-29T00:00:00.000Z',
      source: {
        tableName: 'orders',
        key: [{ name: 'id', kind: 'S' }],
        approximateItems: 0,
        approximateBytes: 0,
      },
      changes: { epoch: EPOCH, positions: [{ shard: 's1', checkpoint: 1, ended: false }] },
      refersTo: { run: 'earlier', mapping: Mapping.parse({}) },
    };
    await store.put(
      planKey({ prefix: `${log.prefix}/log`, pipeline: 'orders', run: 'over' }),
      JSON.stringify(plan),
    );
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 2, keptFor: ['run over'] });
    expect(await keys(log)).toContain('shards/s1/checkpoint-00000002.json');
    await handle.terminate();
    expect(await prune(log, -3, known)).toMatchObject({ deleted: 4, keptFor: [] });
  });

  test('loses files of applies that were killed, a day later; a pause stays', async () => {
    const log = new WrittenLog();
    await log.open(['s1']);
    const { at } = log.log();
    await store.put(`${applyDirectory(at, 'warehouse', 'a1')}keys.csv.zst`, 'keys');
    await store.put(destinationPauseKey(at, 'warehouse'), '{}');
    const applies = async () => (await keys(log)).filter((key) => key.startsWith('warehouse/'));
    expect(await prune(log, 30, undefined, 23)).toMatchObject({ deleted: 0 });
    expect(await applies()).toEqual(['warehouse/a1/keys.csv.zst', 'warehouse/pause.json']);
    expect(await prune(log, 30, undefined, 25)).toMatchObject({ deleted: 1 });
    expect(await applies()).toEqual(['warehouse/pause.json']);
  });

  async function shardsAt(schema: string): Promise<string[]> {
    const rows = await harness.sql(`SELECT "shard" FROM "${schema}"."_tributary_positions" ORDER BY "shard"`);
    return rows.map(({ shard }) => String(shard));
  }

  async function create(schema: string, positions: readonly Position[]): Promise<void> {
    const marker = {
      pipeline: 'orders',
      run: '20261129t000000z_aaaaaa',
      extractedFrom: '2026-11-29T00:00:00.000Z',
    };
    await harness.sql(`CREATE SCHEMA "${schema}"`, createMarker(schema), createPositions(schema));
    await harness.sql(...writeMarker(schema, marker));
    await harness.sql(...firstPositions(schema, positions, 'run-1'));
  }
});
