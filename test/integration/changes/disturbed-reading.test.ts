import { afterEach, describe, expect, test } from '@jest/globals';
import { type ReadShardInput, shardWorkflowId } from '../../../src/contract/changes/changes.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { WorkerProcesses } from '../pipeline/worker-process.ts';
import { FollowedTable, idsOf, type RecordedShard } from './followed-table.ts';

const harness = withHarness();
const processes = new WorkerProcesses(harness);

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** What a worker's readers have received of a table. */
class Received {
  records = 0;
  readonly stopping = new AbortController();
  readonly #followed: FollowedTable;

  constructor(followed: FollowedTable) {
    this.#followed = followed;
  }

  /** The dependencies of a worker that counts what it reads, and can be stopped. */
  get dependencies(): WorkerDependencies {
    const { changeStreams } = harness.dependencies;
    return {
      ...harness.dependencies,
      stopping: this.stopping.signal,
      changeStreams: {
        ...changeStreams,
        read: (request) => {
          const reader = changeStreams.read(request);
          if (!this.#followed.isOwn(request.streamArn)) return reader;
          return {
            next: async (options) => {
              const page = await reader.next(options);
              this.records += page.records.length;
              return page;
            },
          };
        },
      },
    };
  }
}

let stopWorkers: () => Promise<void> = async () => {};
afterEach(async () => {
  await stopWorkers();
  await processes.endAll();
});

/** Each change once, in the order in which a key was written. */
function expectEachOnce(shards: readonly RecordedShard[], ids: readonly string[]): void {
  expect(idsOf(shards).toSorted(byText)).toEqual(ids.toSorted(byText));
  for (const { checkpoints } of shards)
    expect(checkpoints.map(({ number }) => number)).toEqual(checkpoints.map((_, n) => n + 1));
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

describe('reading a table’s changes', () => {
  test('misses nothing if no worker was there while a shard rolled twice', async () => {
    stopWorkers = await harness.startWorkers();
    const followed = await new FollowedTable(harness).create();
    await followed.start();
    await followed.putAll(numbered('a', 5));
    await followed.untilCount(5);
    await stopWorkers();
    for (const prefix of ['b', 'c', 'd']) {
      await followed.control('roll');
      await followed.putAll(numbered(prefix, 5));
    }
    stopWorkers = await harness.startWorkers();
    const shards = await followed.untilCount(20);
    expect(shards).toHaveLength(4);
    expectEachOnce(
      shards,
      ['a', 'b', 'c', 'd'].flatMap((prefix) => numbered(prefix, 5)),
    );
    expect((await followed.progress()).gaps).toEqual([]);
  });

  test('begins with a child only after its parent was read to its end, however long that takes', async () => {
    const { changeStreams } = harness.dependencies;
    const held = Promise.withResolvers<void>();
    let root: string | undefined;
    let looks = 0;
    const followed = await new FollowedTable(harness).create();
    stopWorkers = await harness.startWorkers({
      ...harness.dependencies,
      changeStreams: {
        ...changeStreams,
        shards: (...request) => {
          if (followed.isOwn(request[0])) looks++;
          return changeStreams.shards(...request);
        },
        read: (request) => {
          const reader = changeStreams.read(request);
          if (!followed.isOwn(request.streamArn)) return reader;
          root ??= request.shard;
          if (request.shard !== root) return reader;
          return { next: async (options) => held.promise.then(() => reader.next(options)) };
        },
      },
    });
    await followed.start();
    await until(
      async () => root,
      (shard) => shard !== undefined,
    );
    await followed.put('a', { n: { N: '1' } });
    await followed.control('split');
    await followed.put('a', { n: { N: '2' } });
    const before = looks;
    await until(
      async () => looks,
      (now) => now >= before + 3,
    );
    expect((await followed.recorded()).map(({ shard }) => shard.shard)).toEqual([root]);
    held.resolve();
    const shards = await followed.untilCount(2);
    expect(shards.find(({ shard }) => shard.shard === root)!.checkpoints.at(-1)).toMatchObject({
      ended: true,
    });
    expect(shards).toHaveLength(3);
  });

  test('writes what it holds when its worker stops, and another one continues', async () => {
    const followed = await new FollowedTable(harness, { cutSeconds: 600 }).create();
    const received = new Received(followed);
    stopWorkers = await harness.startWorkers(received.dependencies);
    await followed.start();
    await followed.putAll(numbered('a', 10));
    await until(
      async () => received.records,
      (records) => records >= 10,
    );
    expect(idsOf(await followed.recorded())).toEqual([]);
    received.stopping.abort();
    await followed.untilCount(10);
    await stopWorkers();
    await followed.putAll(numbered('b', 10));
    const next = new Received(followed);
    stopWorkers = await harness.startWorkers(next.dependencies);
    await until(
      async () => next.records,
      (records) => records >= 10,
    );
    next.stopping.abort();
    expectEachOnce(await followed.untilCount(20), [...numbered('a', 10), ...numbered('b', 10)]);
  });

  test('repeats and loses nothing when its worker is killed', async () => {
    const followed = await new FollowedTable(harness).create();
    const worker = processes.start(followed.known);
    await followed.start();
    await followed.untilProgress(({ open }) => open === 1);
    await followed.putAll(numbered('a', 30));
    await followed.untilCount(1);
    const writing = followed.putAll(numbered('b', 30));
    await processes.end(worker, 'SIGKILL');
    processes.start(followed.known);
    await writing;
    // The first worker may have recorded all that was written before its death.
    await followed.put('later');
    const ids = [...numbered('a', 30), ...numbered('b', 30), 'later'];
    const shards = await followed.untilCount(61);
    expectEachOnce(shards, ids);
    expect(new Set(shards[0]!.checkpoints.map(({ attempt }) => attempt)).size).toBeGreaterThan(1);
  });

  test('gives one history of a shard that two read at once', async () => {
    stopWorkers = await harness.startWorkers();
    const followed = await new FollowedTable(harness).create();
    await followed.start();
    await followed.untilProgress(({ open }) => open === 1);
    const log = await followed.log();
    const [{ shard }] = (await followed.untilRecorded((shards) => shards.length === 1)) as [RecordedShard];
    const input: ReadShardInput = { pipeline: followed.pipeline, epoch: log.at.epoch, shard: shard.shard };
    const rivals = await Promise.all(
      [1, 2].map(() =>
        harness.client.workflow.start('readShard', {
          workflowId: uniqueName('rival'),
          taskQueue: CONTROL_TASK_QUEUE,
          args: [input],
        }),
      ),
    );
    const ids = numbered('a', 150);
    await followed.putAll(ids);
    await followed.control('roll');
    for (const rival of rivals)
      expect(await rival.result()).toMatchObject({ shard: shard.shard, records: 150 });
    const shards = await followed.untilRecorded((all) => all.length === 2);
    expectEachOnce(shards, ids);
    expect(idsOf(shards)).toEqual(ids);
  });

  test('writes as soon as it holds enough, however long a cut may last', async () => {
    stopWorkers = await harness.startWorkers();
    const followed = await new FollowedTable(harness, { cutSeconds: 600, cutBytes: 20_000 }).create();
    await followed.start();
    for (let wave = 1; wave <= 3; wave++) {
      for (const id of numbered(`w${wave}-`, 10)) await followed.put(id, { text: { S: 'x'.repeat(2_000) } });
      await followed.untilCount(10 * wave);
    }
    await followed.put('small');
    await followed.control('roll');
    const shards = await followed.untilCount(31);
    expect(shards[0]!.checkpoints.map(({ file }) => file?.records)).toEqual([10, 10, 10, 1]);
  });

  test('is started for one shard by hand, and by its reset, and follows on', async () => {
    stopWorkers = await harness.startWorkers();
    const followed = await new FollowedTable(harness).create();
    const handle = await followed.start();
    await followed.untilProgress(({ open }) => open === 1);
    const { epoch, shards } = await followed.progress();
    const { shard, workflowId } = shards[0]!;
    expect(workflowId).toBe(shardWorkflowId(handle.workflowId, epoch, shard));
    await followed.untilReading();
    await harness.client.workflow.getHandle(workflowId).terminate('by an operator');
    expect(await followed.untilProgress(({ failed }) => failed === 1)).toMatchObject({
      state: 'waiting',
      shards: [{ shard, state: 'failed' }],
    });
    // As `temporal workflow start` does: without a parent it reports to no one.
    await harness.client.workflow.start('readShard', {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [{ pipeline: followed.pipeline, epoch, shard }],
    });
    await followed.put('a');
    await followed.untilCount(1);
    expect(await handle.executeUpdate('retryShard', { args: [shard] })).toBe(`${shard}: retrying`);
    await followed.untilProgress(({ shards: [one] }) => one?.state === 'external');
    await followed.control('roll');
    await followed.put('b');
    expectEachOnce(await followed.untilCount(2), ['a', 'b']);
  });
});
