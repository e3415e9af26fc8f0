import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { addressesFromEnvironment } from '../../../src/clients/aws/addresses.ts';
import { Terminal } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import type { TableSource } from '../../../src/clients/table-source.ts';
import type { PruneRunsInput, PruneRunsResult } from '../../../src/contract/maintenance.ts';
import {
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  type RefreshInput,
} from '../../../src/contract/refresh.ts';
import { command } from '../cli/command-line.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

describe('pruning', () => {
  const harness = withHarness();
  let broken = false;
  let beforeDelete: (() => Promise<void>) | undefined;
  let clockAheadMs = 0;
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'p' }, sk: { S: 's' } }]);
    const real = harness.dependencies.source;
    const source: TableSource = {
      describe: (name, options) => real.describe(name, options),
      scanPage: async (request) => {
        if (broken && request.limit === undefined) throw new Terminal('AccessDenied', 'broken by this test');
        return real.scanPage(request);
      },
    };
    const store = (bucket: string): ObjectStore => {
      const real = harness.dependencies.store(bucket);
      return {
        ...real,
        async delete(keys, options) {
          await beforeDelete?.();
          return real.delete(keys, options);
        },
      };
    };
    const nowMs = () => Date.now() + clockAheadMs;
    await harness.startWorkers({ ...harness.dependencies, source, store, nowMs });
  });

  const define = (staging = {}) =>
    harness.define(table, { source: { segments: 1 }, staging: { keepRuns: 1, ...staging } });
  const refresh = async (input: RefreshInput) => (await harness.runToEnd(input)).run;
  const prune = async (input: PruneRunsInput) =>
    (await harness.client.workflow.execute('pruneRuns', {
      taskQueue: 'tributary',
      workflowId: uniqueName('prune'),
      args: [input],
    })) as PruneRunsResult;
  const directory = (pipeline: string) => `test-runs/${pipeline}/runs/`;
  async function objectsOf(pipeline: string, run: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of harness.store.list(`${directory(pipeline)}${run}/`)) keys.push(key);
    return keys;
  }

  test('keeps the newest successful runs, the waiting one, those in the warehouse and those referred to', async () => {
    const { pipeline } = define();
    broken = true;
    const parked = await harness.start({ pipeline, run: 'parked', to: 'verify' });
    await until(
      () => parked.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    broken = false;
    for (const run of ['referred', 'useless', 'unfinished', 'backup', 'live']) {
      await refresh({ pipeline, run, ...(run === 'unfinished' ? { to: 'extract' } : {}) });
    }
    const planKey = `${directory(pipeline)}live/plan.json`;
    const plan = JSON.parse(Buffer.from((await harness.store.get(planKey))!.body).toString()) as object;
    await harness.store.put(planKey, JSON.stringify({ ...plan, refersTo: [{ run: 'referred' }] }));

    const told = await prune({ pipeline, dryRun: true });
    const useless = told.deleted.find(({ run }) => run === 'useless');
    expect(await objectsOf(pipeline, 'useless')).toHaveLength(useless!.objects);

    const pruned = await prune({ pipeline });
    expect(pruned).toEqual({ ...told, dryRun: false });
    // Runs are listed by the time when they were planned, by S3's clock: these are less than a second apart.
    expect(pruned.deleted.toSorted((a, b) => (a.run < b.run ? -1 : 1))).toEqual([
      { run: 'unfinished', objects: expect.any(Number), bytes: expect.any(Number) },
      { run: 'useless', objects: expect.any(Number), bytes: expect.any(Number) },
    ]);
    expect(pruned.bytes).toBeGreaterThan(1000);
    expect(pruned.kept.map(({ run, why }) => `${run}: ${why}`).sort()).toEqual([
      'backup: the live schema or a backup holds it',
      'live: the live schema or a backup holds it',
      'parked: a workflow is open for it',
      'referred: run live refers to it',
    ]);
    expect(await objectsOf(pipeline, 'useless')).toEqual([]);
    expect(await objectsOf(pipeline, 'unfinished')).toEqual([]);
    expect((await prune({ pipeline })).deleted).toEqual([]);

    await parked.signal(RETRY_SEGMENT);
    expect(await parked.result()).toMatchObject({ run: 'parked', status: 'verify', items: 1 });
  });

  test('keeps a run that another workflow continues, under any name', async () => {
    const { pipeline } = define();
    broken = true;
    const first = await harness.start({ pipeline, run: 'first' });
    await until(
      () => first.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    await first.terminate();
    const again = await harness.start({ pipeline, run: 'first', from: 'extract', to: 'extract' });
    await until(
      () => again.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    broken = false;
    await refresh({ pipeline, run: 'second' });
    // Temporal's list lags behind.
    await until(
      async () => (await prune({ pipeline, dryRun: true })).kept,
      (kept) => kept.some(({ run, why }) => run === 'first' && why.includes('open')),
    );
    await again.signal(RETRY_SEGMENT);
    await again.result();
    const deleted = await until(
      async () => (await prune({ pipeline })).deleted.map(({ run }) => run),
      (runs) => runs.length > 0,
    );
    expect(deleted).toEqual(['first']);
  });

  test('keeps a run whose items another workflow is about to read again', async () => {
    const { pipeline } = define();
    for (const run of ['first', 'second', 'third']) await refresh({ pipeline, run });
    const replaying = await harness.client.workflow.start('refreshWarehouse', {
      taskQueue: 'tributary',
      workflowId: uniqueName('replay'),
      startDelay: '1 hour',
      args: [{ pipeline, run: 'fourth', replay: 'first' }],
    });
    await until(
      async () => (await prune({ pipeline, dryRun: true })).kept,
      (kept) => kept.some(({ run, why }) => run === 'first' && why.includes('open')),
    );
    await replaying.terminate();
    const deleted = await until(
      async () => (await prune({ pipeline, dryRun: true })).deleted.map(({ run }) => run),
      (runs) => runs.length > 0,
    );
    expect(deleted).toEqual(['first']);
  });

  test('keeps a run that a later one has referred to since the pruning began', async () => {
    const { pipeline } = define();
    for (const run of ['first', 'second', 'third', 'fourth']) await refresh({ pipeline, run });
    const late = `${directory(pipeline)}late/plan.json`;
    beforeDelete = async () => {
      await harness.store.put(late, JSON.stringify({ refersTo: { run: 'second' } }));
    };
    const pruned = await prune({ pipeline });
    beforeDelete = undefined;
    expect(pruned.deleted.map(({ run }) => run)).toEqual(['first']);
    expect(pruned.kept).toContainEqual({ run: 'second', why: 'run late refers to it' });
  });

  test('deletes nothing if it cannot find out what is live', async () => {
    const { pipeline } = define();
    await refresh({ pipeline, run: 'first' });
    await refresh({ pipeline, run: 'second' });
    const lost = harness.define(table, { warehouse: { workgroup: 'no-such-workgroup' } }).definition;
    await expect(prune({ pipeline, definition: lost, keep: 1 })).rejects.toThrow('Workflow execution failed');
    expect(await objectsOf(pipeline, 'first')).not.toEqual([]);
  });

  test('aborts old unfinished uploads below the pipeline, and no others', async () => {
    const { pipeline, definition } = define();
    const { bucket } = definition.staging;
    const s3 = s3Client(addressesFromEnvironment(harness.environment).s3);
    const begun = [`${directory(pipeline)}x/data/begun`, `test-runs/${pipeline}x/begun`];
    for (const Key of begun) await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    s3.destroy();
    expect((await prune({ pipeline })).uploads).toEqual([]);
    // S3 states its time in whole seconds, so an upload of this second is not older than now.
    const aborted = await until(
      async () => (await prune({ pipeline, uploadHours: 0 })).uploads,
      (uploads) => uploads.length > 0,
    );
    expect(aborted).toEqual([begun[0]]);
    expect((await prune({ pipeline, uploadHours: 0 })).uploads).toEqual([]);
    const maintenance = harness.dependencies.bucketMaintenance(bucket);
    const left = [];
    for await (const { key } of maintenance.uploads(`test-runs/${pipeline}`)) left.push(key);
    expect(left).toEqual([begun[1]]);
    for await (const upload of maintenance.uploads(`test-runs/${pipeline}`)) await maintenance.abort(upload);
  });

  test.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])(
    'a worker whose clock is an hour %s blocks no later run, and aborts no upload too early',
    async (_, ms) => {
      const { pipeline, schema, definition } = define();
      const { bucket } = definition.staging;
      const s3 = s3Client(addressesFromEnvironment(harness.environment).s3);
      await s3.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key: `${directory(pipeline)}x/begun` }),
      );
      s3.destroy();
      await refresh({ pipeline, run: 'first' });
      clockAheadMs = ms;
      await refresh({ pipeline, run: 'second' });
      expect((await prune({ pipeline, uploadHours: 1 })).uploads).toEqual([]);
      clockAheadMs = 0;
      await refresh({ pipeline, run: 'third' });
      const marker = await harness.sql(`SELECT run, extracted_from FROM "${schema}"."_tributary_marker"`);
      expect(marker).toEqual([{ run: 'third', extracted_from: expect.any(String) }]);
      const maintenance = harness.dependencies.bucketMaintenance(bucket);
      for await (const upload of maintenance.uploads(`test-runs/${pipeline}`))
        await maintenance.abort(upload);
    },
  );

  test('from the command line reports what was deleted, how much it was, and why the rest stays', async () => {
    const { pipeline } = define({ keepRuns: 5 });
    for (const run of ['first', 'second', 'third']) await refresh({ pipeline, run });
    const tributary = (...words: string[]) =>
      command(words, { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace });
    const dry = await tributary('runs', 'prune', pipeline, '--keep', '1', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Would delete 1 run, .*B\n.*\n +first /),
    });
    expect(dry.stdout).toMatch(/third +the live schema or a backup holds it/);
    const { stdout } = await tributary('runs', 'prune', pipeline, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ pipeline, deleted: [], bytes: 0 });
    expect((await tributary('runs', 'prune', pipeline, '--keep', '1')).stdout).toMatch(/Deleted 1 run/);
    expect(await objectsOf(pipeline, 'first')).toEqual([]);
  });
});
