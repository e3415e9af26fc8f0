import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openDataset } from '../../../src/activities/datasets/open-dataset.ts';
import { planIntake } from '../../../src/activities/datasets/plan-intake.ts';
import { planRebuild } from '../../../src/activities/datasets/plan-reread.ts';
import { readBatchWorkflowId } from '../../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { batchResult, intakeClosed } from '../../../src/store/datasets/dataset-documents.ts';
import { abandonIntake, findIntakes } from '../../../src/store/datasets/intakes.ts';
import { unpublished } from '../../../src/store/datasets/offers.ts';
import { findDocument } from '../../../src/store/document.ts';
import type { readBatch } from '../../../src/workflows/datasets/read-batch.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();
const { signal } = new AbortController();

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function known(more: Record<string, unknown> = {}): Promise<KnownDataset> {
  const dataset = new KnownDataset(harness, more);
  stop = await harness.startWorkers(dataset.dependencies);
  return dataset;
}

const record = (id: string, day: string, amount: number | string) => ({ id, day, amount });
const range = { from: '2026-11-01', to: '2026-11-02' };

/** Claims the intake of a rebuild, as its run does. */
async function claimed({ dependencies, name, definition }: KnownDataset): Promise<number> {
  const { version: code } = await dependencies.recordModules.codeOf(definition);
  const planned = await planRebuild(dependencies, await openDataset(dependencies, name), range, {
    ...{ attempt: randomUUID(), owner: 'a run', code, signal },
  });
  return planned.intake as number;
}

async function plannedFiles({ dependencies, name, definition }: KnownDataset): Promise<number> {
  const { version: code } = await dependencies.recordModules.codeOf(definition);
  const { files } = await planIntake(dependencies, await openDataset(dependencies, name), {
    ...{ attempt: randomUUID(), after: undefined, code, everything: true, signal },
    ...{ owner: 'a run', columns: async () => [], ended: async () => new Set<string>(), onFile: () => {} },
  });
  return files;
}

const read = (dataset: KnownDataset, intake: number, batch: number) =>
  harness.client.workflow.execute<typeof readBatch>('readBatch', {
    workflowId: readBatchWorkflowId(dataset.name, intake, batch),
    taskQueue: CONTROL_TASK_QUEUE,
    args: [{ dataset: dataset.name, intake, batch }],
  });

describe('a rebuild', () => {
  test('gives partitions other types, also those that a file with rows in them has left', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.put('y.gz', [record('c', '2026-11-01', 3)]);
    await dataset.run();
    await dataset.put('x.gz', [record('b', '2026-11-02', 4)]);
    await dataset.run();
    expect(await dataset.rows()).toEqual(['2026-11-01 c 3', '2026-11-02 b 4']);

    dataset.redeploy((module) => module.replace("type: 'bigint'", "type: 'decimal(9,2)'"));
    expect(await dataset.run({ rebuild: range })).toMatchObject({ partitions: 2, failed: [] });
    const columns = [{ name: 'amount', type: { kind: 'decimal' as const, precision: 9, scale: 2 } }];
    expect(await dataset.query('SELECT day, amount FROM t ORDER BY ALL', columns)).toEqual([
      '2026-11-01 3.00',
      '2026-11-02 4.00',
    ]);
  });

  test('that is given up publishes nothing, even if its last batch is read after all', async () => {
    const dataset = await known({ batch: { maxFiles: 1 } });
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.put('y.gz', [record('b', '2026-11-02', 2)]);
    await dataset.run();
    const intake = await claimed(dataset);
    await read(dataset, intake, 0);
    // Another run has looked before it is closed: to that one, a batch is given up.
    expect(await abandonIntake(dataset.files, intake, 'a test', signal)).toBe(true);
    await dataset.files.store.delete([intakeClosed(dataset.files, intake).key]);
    expect(await read(dataset, intake, 1)).toMatchObject({ records: 0 });
    expect(await findDocument(batchResult(dataset.files, intake, 1), signal)).toMatchObject({
      parked: { code: 'RebuildRefused' },
    });
    const { open } = await findIntakes(dataset.files, signal);
    expect(open).toHaveLength(1);
    expect(await unpublished(dataset.files, open, signal)).toEqual([]);
    // The next run closes it.
    await dataset.run();
    expect((await findIntakes(dataset.files, signal)).open).toEqual([]);

    // One of which all is read is published, not given up.
    const other = await claimed(dataset);
    for (const batch of [0, 1]) await read(dataset, other, batch);
    expect(await abandonIntake(dataset.files, other, 'a test', signal)).toBe(false);
    expect(await findDocument(intakeClosed(dataset.files, other), signal)).toBeUndefined();
  });

  test('is done before a file that it reads is taken again, so that a newer version replaces all of its rows', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.run();
    await dataset.put('z.gz', [record('z', '2026-11-02', 26)]);
    await dataset.run();
    dataset.redeploy((module) =>
      module.replace("from: 'day' }", "compute: ({ id, day }: any) => (id === 'a' ? '2026-11-02' : day) }"),
    );
    const intake = await claimed(dataset);
    await read(dataset, intake, 0);
    const result = batchResult(dataset.files, intake, 0);
    const done = await dataset.files.store.get(result.key);
    // As if its reader were a little slower.
    await dataset.files.store.delete([result.key]);
    await dataset.put('x.gz', [record('b', '2026-11-01', 2)]);
    expect(await plannedFiles(dataset)).toBe(0);
    await dataset.files.store.put(result.key, done!.body);
    expect(await dataset.run()).toMatchObject({ files: 1 });
    expect(await dataset.rows()).toEqual(['2026-11-01 b 2', '2026-11-02 z 26']);
  });
});

test('files of a batch that was parked are taken by the next run, even from folders that it would not list', async () => {
  const dataset = await known({
    source: { listPrefixes: ['%Y/%m/%d/'] },
    maxRejects: 0,
  });
  await dataset.put('2020/01/01/x.gz', [record('a', '2026-11-01', '-')]);
  expect(await dataset.run()).toMatchObject({ files: 1, parked: 1 });
  expect(await dataset.run()).toMatchObject({ files: 1, parked: 1 });
  dataset.redeploy((module) => module.replace("from: 'amount' }", 'compute: () => 7n }'));
  expect(await dataset.run()).toMatchObject({ files: 1, parked: 0 });
  expect(await dataset.rows()).toEqual(['2026-11-01 a 7']);
  expect(await dataset.run()).toMatchObject({ files: 0 });
});
