import { afterEach, describe, expect, test } from '@jest/globals';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import { claimEpoch, readGaps } from '../../../src/store/changes/log-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { FollowedTable, idsOf } from './followed-table.ts';

const harness = withHarness();

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

let stopWorkers: () => Promise<void> = async () => {};
afterEach(() => stopWorkers());

const startWorkers = async () => {
  stopWorkers = await harness.startWorkers();
};

describe('a gap in the log', () => {
  test('is recorded where the stream was trimmed past the last checkpoint; the rest of the shard is read', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create();
    await followed.start();
    await followed.put('a');
    await followed.untilCount(1);
    await stopWorkers();
    await followed.putAll(numbered('lost', 3));
    await followed.control('trim');
    await followed.put('b');
    await startWorkers();
    const { gaps, shards } = await followed.untilProgress((progress) => progress.gaps.length > 0);
    expect(gaps).toMatchObject([{ reason: 'trimmed', shard: shards[0]!.shard }]);
    const [{ checkpoints, records }] = (await followed.untilCount(2)) as [
      Awaited<ReturnType<typeof followed.recorded>>[0],
    ];
    expect(records.map(({ key }) => key)).toEqual([{ id: { S: 'a' } }, { id: { S: 'b' } }]);
    expect(checkpoints).toMatchObject([{ number: 1 }, { number: 2, gap: expect.any(String) }, { number: 3 }]);
    expect(checkpoints[1]).not.toHaveProperty('file');
    expect((await readGaps(await followed.log())).map(({ id }) => id)).toEqual([checkpoints[1]!.gap]);
    expect(await followed.progress()).toMatchObject({ state: 'gap', open: 1, failed: 0 });
  });

  test('lies before a shard whose parent was never seen; other shards are read on', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create(2);
    await followed.start();
    await followed.putAll(numbered('a', 10));
    const before = await followed.untilCount(10);
    await stopWorkers();
    const { shard, children } = (await followed.control('split', { shard: before[0]!.shard.shard })) as {
      shard: string;
      children: string[];
    };
    await followed.putAll(numbered('lost', 10));
    for (const child of children) await followed.control('roll', { shard: child });
    // The parent and its children pass out of the stream.
    for (const each of [shard, ...children])
      await followed.control('trim', { shard: each, forgetShards: true });
    await startWorkers();
    const { gaps } = await followed.untilProgress((progress) => progress.gaps.length === 3);
    expect(gaps.map(({ reason }) => reason).toSorted()).toEqual([
      'parent unknown',
      'parent unknown',
      'trimmed',
    ]);
    await followed.putAll(numbered('b', 20));
    // The stream no longer has the lost shard: it ends behind its gap.
    const shards = await followed.untilRecorded(
      (all) =>
        numbered('b', 20).every((id) => idsOf(all).includes(id)) &&
        all.find((each) => each.shard.shard === shard)?.checkpoints.at(-1)?.ended === true,
    );
    const behind = shards.filter((each) => each.shard.gap !== undefined);
    expect(new Set(behind.map((each) => each.shard.parent))).toEqual(new Set(children));
  });

  test('ends the log of a stream that was disabled; the next one has a log of its own', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create();
    await followed.start();
    await followed.put('a');
    await followed.untilCount(1);
    const first = await followed.log();
    await followed.put('b');
    await followed.enableStream(false);
    await followed.put('lost');
    await followed.untilProgress(({ trouble }) => trouble?.code === 'StreamDisabled');
    await followed.enableStream(true);
    await followed.put('c');
    expect(idsOf(await followed.untilCount(1))).toEqual(['c']);
    const second = await followed.log();
    expect(second.at.epoch).not.toBe(first.at.epoch);
    // The shards of the earlier stream are still read to their end.
    const all = await until(
      () => followed.recorded(first),
      (shards) => idsOf(shards).length >= 2,
    );
    expect(idsOf(all)).toEqual(['a', 'b']);
    expect(await readGaps(first)).toMatchObject([{ reason: 'stream replaced' }]);
    expect(await readGaps(second)).toEqual([]);
    const { epoch } = await followed.untilProgress(({ state }) => state === 'following');
    expect(epoch).toBe(second.at.epoch);
  });

  test('does not end the log of a stream that was enabled later', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create();
    const own = await followed.log();
    const later: ChangeLog = { store: own.store, at: { ...own.at, epoch: 'f'.repeat(16) } };
    await claimEpoch(
      later,
      {
        ...{ version: 1, epoch: later.at.epoch, kind: 'streams', tableName: followed.table, tableId: 't' },
        ...{ streamArn: 'later', viewType: 'NEW_IMAGE', key: [{ name: 'id', kind: 'S' }], roots: ['s'] },
        ...{ openedAt: '2099-01-01T00:00:00.000Z', enabledAt: '2099-01-01T00:00:00.000Z' },
      },
      new AbortController().signal,
    );
    await followed.start();
    await followed.put('a');
    expect(idsOf(await followed.untilCount(1))).toEqual(['a']);
    expect(await readGaps(later)).toEqual([]);
  });

  test('ends the log of a table that was recreated', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create();
    await followed.start();
    await followed.put('a');
    await followed.untilCount(1);
    const first = await followed.log();
    await followed.drop();
    await followed.create();
    await followed.put('b');
    expect(idsOf(await followed.untilCount(1))).toEqual(['b']);
    expect(await readGaps(first)).toMatchObject([{ reason: 'table recreated' }]);
  });
});

describe('a stream that cannot be followed', () => {
  test.each(['KEYS_ONLY', 'OLD_IMAGE'] as const)('has the view type %s', async (view) => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create(1, view);
    const failure = await (await followed.start()).result().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      cause: { type: 'StreamViewUnfit', message: expect.stringContaining(view) },
    });
  });

  test('is not there', async () => {
    await startWorkers();
    const followed = await new FollowedTable(harness).create(1, 'none');
    const failure = await (await followed.start()).result().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      cause: { type: 'StreamDisabled', message: expect.stringContaining('aws dynamodb update-table') },
    });
  });
});
