import { beforeAll, describe, expect, test } from '@jest/globals';
import { logCheckpointKey } from '../../../src/pipeline/changes/change-directory.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { FollowedTable, idsOf } from './followed-table.ts';

const harness = withHarness();
beforeAll(() => harness.startWorkers());

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('following a table', () => {
  test('records its changes in order, with both images', async () => {
    const followed = await new FollowedTable(harness).create();
    await followed.put('a', { n: { N: '1' } });
    await followed.start();
    await followed.untilCount(1);
    await followed.put('a', { n: { N: '2.50' } });
    await followed.remove('a');
    const [shard] = await followed.untilCount(3);
    expect(shard!.records).toMatchObject([
      { kind: 'INSERT', key: { id: { S: 'a' } }, image: { id: { S: 'a' }, n: { N: '1' } } },
      { kind: 'MODIFY', image: { n: { N: '2.5' } }, before: { n: { N: '1' } } },
      { kind: 'REMOVE', before: { n: { N: '2.5' } } },
    ]);
    expect(await followed.progress()).toMatchObject({ state: 'following', open: 1, failed: 0, gaps: [] });
  });

  test('reads parents before children, through splits', async () => {
    const followed = await new FollowedTable(harness).create(2);
    await followed.start();
    for (let round = 0; round < 4; round++) {
      await followed.putAll(numbered(`r${round}-`, 10));
      await followed.control(round % 2 === 0 ? 'split' : 'roll');
    }
    await followed.putAll(numbered('last-', 10));
    const listed = await followed.listed();
    // A shard without a record gets its place in the log once its parent was read to its end.
    const shards = await followed.untilRecorded(
      (all) => idsOf(all).length >= 50 && all.length >= listed.length,
    );
    expect(new Set(idsOf(shards)).size).toBe(50);
    const byId = new Map(shards.map((each) => [each.shard.shard, each]));
    for (const { shard, checkpoints } of shards) {
      const parent = shard.parent === undefined ? undefined : byId.get(shard.parent);
      if (parent === undefined) continue;
      const end = parent.checkpoints.at(-1)!;
      expect(end.ended).toBe(true);
      for (const { writtenAt } of checkpoints) expect(writtenAt >= end.writtenAt).toBe(true);
    }
    expect(shards.map(({ shard }) => shard.shard).toSorted()).toEqual(listed.map(({ id }) => id).toSorted());
  });

  test('reads 64 shards at once, on one worker', async () => {
    const followed = await new FollowedTable(harness).create(64);
    await followed.start();
    await followed.untilProgress(({ open, shards }) => open === 64 && shards.length === 50);
    await Promise.all(numbered('many-', 320).map((id) => followed.put(id)));
    const shards = await followed.untilCount(320);
    expect(shards).toHaveLength(64);
    expect(new Set(idsOf(shards)).size).toBe(320);
  });

  test('writes nothing for a quiet shard', async () => {
    const followed = await new FollowedTable(harness).create(2);
    await followed.start();
    await followed.untilProgress(({ open }) => open === 2);
    for (const n of [1, 2, 3]) {
      await followed.put('a', { n: { N: String(n) } });
      await followed.untilCount(n);
    }
    const shards = await followed.recorded();
    expect(shards.filter(({ checkpoints }) => checkpoints.length > 0)).toHaveLength(1);
    expect((await followed.keys()).filter((key) => /checkpoint-|records/.test(key)).length).toBeGreaterThan(
      4,
    );
    const quiet = shards.find(({ checkpoints }) => checkpoints.length === 0)!.shard.shard;
    expect((await followed.keys()).filter((key) => key.includes(quiet))).toEqual([
      expect.stringMatching(/shard\.json$/),
    ]);
  });
});

describe('an operator', () => {
  test('pauses and resumes the reading, without loss', async () => {
    const followed = await new FollowedTable(harness).create();
    const handle = await followed.start();
    await followed.put('a');
    await followed.untilCount(1);
    expect(await handle.executeUpdate('pause', { args: ['maintenance'] })).toMatch(/^paused/);
    await followed.untilProgress(({ failed }) => failed === 1);
    expect(await followed.progress()).toMatchObject({ state: 'paused', paused: { reason: 'maintenance' } });
    await followed.put('b');
    expect(await handle.executeUpdate('resume')).toBe('resumed');
    expect(idsOf(await followed.untilCount(2))).toEqual(['a', 'b']);
    expect(await followed.untilProgress(({ state }) => state === 'following')).toMatchObject({ open: 1 });
  });

  test('terminates it while reading is paused, and it is still paused when it is started again', async () => {
    const followed = await new FollowedTable(harness).create();
    const handle = await followed.start();
    await followed.put('a');
    await followed.untilCount(1);
    expect(await handle.executeUpdate('pause', { args: ['maintenance'] })).toMatch(/^paused/);
    await followed.untilProgress(({ failed }) => failed === 1);
    await handle.terminate('by an operator');
    const again = await followed.start();
    expect(await followed.untilProgress(({ paused }) => paused !== undefined)).toMatchObject({
      ...{ state: 'paused', paused: { reason: 'maintenance' }, open: 0 },
    });
    await followed.put('b');
    expect(await again.executeUpdate('resume')).toBe('resumed');
    expect(idsOf(await followed.untilCount(2))).toEqual(['a', 'b']);
    await again.terminate('by an operator');
    await followed.start();
    expect((await followed.untilProgress(({ state }) => state === 'following')).paused).toBeUndefined();
  });

  test('terminates followChanges and starts it again: its readers were not disturbed', async () => {
    const followed = await new FollowedTable(harness).create(2);
    const handle = await followed.start();
    await followed.untilProgress(({ open }) => open === 2);
    await followed.untilReading();
    await handle.terminate('by an operator');
    await followed.putAll(numbered('a', 10));
    await followed.untilCount(10);
    await followed.start();
    await followed.untilProgress(
      ({ shards }) => shards.filter(({ state }) => state === 'external').length === 2,
    );
    await followed.control('split');
    await followed.putAll(numbered('b', 10));
    const shards = await followed.untilCount(20);
    expect(new Set(idsOf(shards)).size).toBe(20);
  });

  test('reads a shard again whose reading failed, once its cause is fixed', async () => {
    const followed = await new FollowedTable(harness).create();
    const handle = await followed.start();
    await followed.untilProgress(({ open }) => open === 1);
    const { epoch, shards } = await followed.progress();
    const { shard, workflowId } = shards[0]!;
    const log = followed.logOf(epoch);
    const key = logCheckpointKey({ ...log.at, shard }, 1);
    await harness.store.put(key, 'damaged');
    await followed.put('a');
    const failed = await followed.untilProgress((progress) => progress.failed === 1);
    expect(failed).toMatchObject({ state: 'waiting', shards: [{ shard, workflowId, code: 'DamagedFile' }] });
    await harness.store.delete([key]);
    expect(await handle.executeUpdate('retryShard')).toBe(`${shard}: retrying`);
    expect(idsOf(await followed.untilCount(1))).toEqual(['a']);
  });
});
