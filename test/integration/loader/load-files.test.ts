import { beforeAll, describe, expect, test } from '@jest/globals';
import { batchWorkflowId, type LoadBatchInput, SIGNAL_HINT } from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { batchState } from '../../../src/store/loader/batch-files.ts';
import { findPause } from '../../../src/store/loader/pause-file.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { InboxLoader, waitingBatches } from './inbox-loader.ts';

const harness = withHarness();
beforeAll(async () => {
  await harness.startWorkers(harness.dependencies, undefined, await waitingBatches(harness));
});
const { signal } = new AbortController();

/** A loader whose batches have two files and do not start by their age. */
const ofTwo = (overrides: object = {}) =>
  new InboxLoader(harness, { batch: { maxFiles: 2, maxSeconds: 3600 }, ...overrides });

/** The same, with batch 1 parked. */
async function withParked(...more: string[]) {
  const loader = ofTwo();
  await loader.arrive('a', 'b', ...more);
  await loader.hint();
  await loader.becomes({ current: 1 });
  await loader.end(1, 'failed');
  await loader.until(({ parkedTotal }) => parkedTotal === 1);
  return loader;
}

describe('a loader', () => {
  test('loads five files with a batch size of two in two batches; one file waits for its age', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b', 'c');
    await loader.arrive('d', 'e');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.end(1, 'loaded');
    await loader.becomes({ current: 2 });
    await loader.end(2, 'loaded');
    const progress = await loader.until(({ state, inbox }) => state === 'idle' && inbox.files === 1);
    expect(progress).toMatchObject({
      loaders: [loader.name],
      table: { table: 'quakes' },
      inbox: { files: 1, bytes: 10 },
      parkedTotal: 0,
      totals: { batches: 2, files: 4, rows: 8 },
      last: { batch: 2, rows: 4 },
    });
    expect(await loader.handle.query('lag')).toMatchObject({ count: 1, bytes: 10 });
    await until(
      async () => (await loader.handle.describe()).memo,
      (memo) => memo?.tributary === 'idle' && memo.loader === loader.name,
    );
    expect(await loader.filesOf(1, 2)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('loads a file by itself once that has waited long enough, without another hint', async () => {
    const loader = new InboxLoader(harness, { batch: { maxFiles: 100, maxSeconds: 2 } });
    await loader.arrive('a');
    await loader.hint();
    const { current } = await loader.becomes({ current: 1 });
    expect(current).toMatchObject({ files: 1, bytes: 10, reason: 'age' });
  });

  test('loads what a hint announces while a batch is loaded, right after that batch', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.arrive('c', 'd');
    await loader.hint();
    await loader.end(1, 'loaded');
    const { current } = await loader.becomes({ current: 2 });
    expect(current?.files).toBe(2);
  });

  test('that is cancelled cancels the batch that is being loaded, also if an earlier execution started it', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.handle.terminate('by the test');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.handle.cancel();
    await expect(loader.handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await until(
      () => loader.batch(1).describe(),
      ({ status }) => status.name === 'CANCELLED',
    );
  });

  test('is listed by its state if the search attributes are registered', async () => {
    await harness.registerSearchAttributes();
    const loader = await withParked();
    const query = `TributaryState = "waiting" AND TributaryPipeline = "${loader.name}"`;
    const { count } = await until(
      () => harness.client.workflow.count(query),
      (found) => found.count === 1,
    );
    expect(count).toBe(1);
  });

  test('of an unknown name fails with the reason', async () => {
    const loader = ofTwo();
    harness.loaders.delete(loader.name);
    await loader.hint();
    await expect(loader.handle.result()).rejects.toMatchObject({ cause: { type: 'UnknownLoader' } });
  });

  test('whose configuration becomes invalid reports that, and continues once it is valid again', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b');
    await loader.hint();
    await loader.becomes({ current: 1 });
    const other = { ...loader.definition, staging: { bucket: 'elsewhere', prefix: 'x' } };
    harness.loaders.set(`${loader.name}-2`, other);
    await loader.end(1, 'loaded');
    const { trouble } = await loader.until(
      (progress) => progress.trouble !== undefined && progress.state === 'idle',
    );
    expect(trouble).toMatchObject({ code: 'ConfigInvalid', error: expect.stringMatching(/staging differs/) });
    harness.loaders.delete(`${loader.name}-2`);
  });
});

describe('a batch that fails', () => {
  test('is parked with its reason; the next one proceeds', async () => {
    const loader = await withParked('c', 'd');
    const progress = await loader.becomes({ current: 2, parked: [1] });
    expect(progress.parked).toMatchObject([
      {
        batch: 1,
        files: 2,
        bytes: 20,
        workflowId: batchWorkflowId(loader.workflowId, 1),
        code: 'LoadFailed',
        error: 'batch 1 does not fit',
      },
    ]);
    await loader.end(2, 'loaded');
    await loader.becomes({ parked: [1] });
    await until(
      async () => (await loader.handle.describe()).memo,
      (memo) => memo?.tributary === 'idle; 1 batch parked',
    );
  });

  test('can be retried by update and by signal', async () => {
    const loader = await withParked();
    expect(await loader.order('retryBatch', 1)).toBe('batch 1: retrying');
    await loader.becomes({ current: 1 });
    expect(await loader.order('retryBatch', 1)).toBe('batch 1: it is being loaded');
    expect(await loader.order('skipBatch', 1)).toBe(
      'batch 1: it is being loaded. It can be skipped once it is parked. It is parked if it is cancelled: ' +
        `temporal workflow cancel --workflow-id ${batchWorkflowId(loader.workflowId, 1)}`,
    );
    await loader.end(1, 'failed');
    await loader.becomes({ parked: [1] });
    await loader.handle.signal('retryBatch');
    await loader.becomes({ current: 1 });
    await loader.end(1, 'loaded');
    await loader.becomes({ parked: [] });
    expect(await loader.order('retryBatch', null)).toBe('no batch is parked');
  });

  test('can be skipped with a reason: its files are never loaded', async () => {
    const loader = await withParked();
    expect(await loader.order('skipBatch', { batch: 1, reason: 'test data' })).toBe('batch 1: skipped');
    await loader.becomes({ parked: [] });
    expect(await batchState(loader.files, 1, signal)).toMatchObject({
      state: 'closed',
      closed: { outcome: 'skipped', reason: 'test data' },
    });
    expect(await loader.order('skipBatch', 1)).toBe('batch 1: it is not parked');
  });

  test('can be split until the bad file is alone', async () => {
    const loader = new InboxLoader(harness, { batch: { maxFiles: 3, maxSeconds: 3600 } });
    await loader.arrive('a', 'b', 'bad');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.end(1, 'failed');
    await loader.becomes({ parked: [1] });
    expect(await loader.order('splitBatch', 1)).toBe('batch 1: split into 2 (2 files) and 3 (1 file)');
    await loader.becomes({ current: 2, next: [3] });
    await loader.end(2, 'loaded');
    await loader.becomes({ current: 3 });
    await loader.end(3, 'failed');
    await loader.becomes({ parked: [3] });
    expect(await loader.filesOf(3)).toEqual(['bad']);
    expect(await loader.order('splitBatch', 3)).toBe('batch 3: it has a single file');
    await loader.handle.signal('skipBatch', 3);
    await loader.becomes({ parked: [] });
    expect(await batchState(loader.files, 1, signal)).toMatchObject({
      closed: { outcome: 'split', into: [2, 3] },
    });
  });

  test('and whose workflow is started by hand is done when that reports so', async () => {
    const loader = await withParked();
    await harness.client.workflow.start('loadBatch', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: batchWorkflowId(loader.workflowId, 1),
      args: [{ loader: loader.name, batch: 1, parent: loader.workflowId } satisfies LoadBatchInput],
    });
    expect(await loader.order('retryBatch', 1)).toBe('batch 1: retrying');
    await loader.becomes({ current: 1 });
    await loader.end(1, 'loaded');
    const { totals } = await loader.becomes({ parked: [] });
    expect(totals.batches).toBe(1);
  });

  test('and whose workflow is terminated is parked', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.batch(1).terminate('by the test');
    const { parked } = await loader.becomes({ parked: [1] });
    expect(parked[0]).toMatchObject({
      code: 'TerminatedFailure',
      error: 'An operator terminated it. Retry, skip or split it.',
    });
  });

  test('twenty times in a row pauses the loader, until it is resumed', async () => {
    const loader = ofTwo({ pauseAfterParked: 3 });
    await loader.arrive('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    await loader.hint();
    for (const batch of [1, 2, 3]) {
      await loader.becomes({ current: batch });
      await loader.end(batch, 'failed');
    }
    const { paused, inbox } = await loader.becomes({ state: 'paused', parked: [1, 2, 3] });
    expect(paused?.reason).toBe('3 batches in a row were parked; the last one: batch 3 does not fit');
    expect(inbox.files).toBe(2);
    expect(await loader.order('resume')).toBe('resumed');
    await loader.becomes({ current: 4 });
  });
});

describe('an order', () => {
  test('with another argument is refused, by update and by signal', async () => {
    const loader = await withParked();
    await expect(loader.order('retryBatch', 'one')).rejects.toMatchObject({
      cause: { message: `expected a batch's number; got "one"` },
    });
    await expect(loader.order('splitBatch')).rejects.toThrow('Workflow Update failed');
    await expect(loader.order('skipBatch', { batch: 1, reason: 7 })).rejects.toThrow(
      'Workflow Update failed',
    );
    for (const name of ['retryBatch', 'splitBatch', 'skipBatch']) await loader.handle.signal(name, { x: 1 });
    for (const name of ['batchSettled', 'batchFailed']) await loader.handle.signal(name);
    await loader.handle.signal('batchSettled', { batch: 1, files: 'two' });
    expect(await loader.order('retryBatch', 99)).toBe('batch 99: it is not parked');
    await loader.becomes({ parked: [1] });
  });

  test('to pause lets the batch end that is being loaded; to resume continues', async () => {
    const loader = ofTwo();
    await loader.arrive('a', 'b', 'c', 'd');
    await loader.hint();
    await loader.becomes({ current: 1 });
    expect(await loader.order('pause', 'maintenance')).toBe('paused; batch 1 is being loaded and ends first');
    await loader.end(1, 'loaded');
    const { paused } = await loader.becomes({ state: 'paused' });
    expect(paused?.reason).toBe('maintenance');
    await loader.hint();
    expect(await loader.order('retryBatch', 2)).toBe('batch 2: it is not parked');
    await loader.handle.signal('resume');
    await loader.becomes({ current: 2 });
    await loader.handle.signal('pause');
    await loader.until((progress) => progress.paused?.reason === 'by an operator');
  });
});

describe('nothing is lost', () => {
  test('if the loader is terminated with 10,000 files waiting, and started again', async () => {
    const loader = new InboxLoader(harness, { batch: { maxFiles: 1000, maxSeconds: 3600 } });
    const names = Array.from({ length: 10_000 }, (_, i) => `f${String(i).padStart(5, '0')}`);
    for (let from = 0; from < names.length; from += 250)
      await loader.arrive(...names.slice(from, from + 250));
    await loader.hint();
    for (let batch = 1; batch <= 10; batch++) {
      await loader.becomes({ current: batch });
      if (batch % 3 === 1) {
        await loader.handle.terminate('by the test');
        await loader.hint();
        await loader.becomes({ current: batch });
      }
      await loader.end(batch, batch === 5 ? 'failed' : 'loaded');
    }
    await loader.becomes({ parked: [5] });
    expect(await loader.filesOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).toEqual(names);
  });

  test('if it is terminated while a batch is loaded: that one reports to the next execution', async () => {
    const loader = await withParked('c', 'd', 'e', 'f');
    await loader.becomes({ current: 2 });
    await loader.handle.terminate('by the test');
    await loader.end(2, 'loaded');
    await until(
      () => loader.batch(2).describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    await loader.hint();
    const { parked } = await loader.becomes({ current: 3, parked: [1] });
    expect(parked[0]).toMatchObject({ code: 'LoadFailed', error: 'batch 1 does not fit', files: 2 });
  });

  test('if it is paused and terminated: it is still paused when a watcher starts it, until it is resumed', async () => {
    const loader = ofTwo();
    await loader.hint();
    const { since: before } = await loader.until(({ since }) => since !== undefined);
    expect(await loader.order('pause', 'maintenance')).toBe('paused');
    await loader.handle.terminate('by the test');
    await loader.arrive('a', 'b');
    await loader.hint();
    const { paused, since } = await loader.until(
      ({ state, inbox }) => state === 'paused' && inbox.files === 2,
    );
    expect(Date.parse(since ?? '')).toBeGreaterThan(Date.parse(before ?? ''));
    expect(paused?.reason).toBe('maintenance');
    expect(await loader.order('resume')).toBe('resumed');
    await loader.becomes({ current: 1 });
    await loader.handle.terminate('by the test');
    await loader.end(1, 'loaded');
    await loader.arrive('c', 'd');
    await loader.hint();
    await loader.becomes({ current: 2 });
  });

  test('if it has paused itself and is terminated: it is still paused', async () => {
    const loader = ofTwo({ pauseAfterParked: 1 });
    await loader.arrive('a', 'b', 'c', 'd');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.end(1, 'failed');
    await loader.until(({ state }) => state === 'paused');
    await until(
      () => findPause(loader.files, signal),
      (found) => found !== undefined,
    );
    await loader.handle.terminate('by the test');
    await loader.hint();
    const { paused } = await loader.becomes({ state: 'paused', parked: [1] });
    expect(paused?.reason).toContain('batch 1 does not fit');
  });

  test('if it is reset to its beginning', async () => {
    const loader = await withParked('c', 'd', 'e', 'f');
    await loader.becomes({ current: 2 });
    const { runId } = await loader.handle.describe();
    await harness.client.workflowService.resetWorkflowExecution({
      namespace: harness.namespace,
      workflowExecution: { workflowId: loader.workflowId, runId },
      workflowTaskFinishEventId: 4 as never,
      reason: 'by the test',
      requestId: crypto.randomUUID(),
    });
    await until(
      () => loader.handle.describe(),
      (described) => described.runId !== runId,
    );
    await loader.becomes({ current: 2, parked: [1] });
    await loader.end(2, 'loaded');
    const { totals } = await loader.becomes({ current: 3, parked: [1] });
    expect(totals.batches).toBe(1);
  });
});

test('a batch that is stuck while hints arrive: the loader continues as new, and knows it by its number', async () => {
  const loader = await withParked('c', 'd', 'e', 'f');
  await loader.becomes({ current: 2 });
  const { runId: first } = await loader.handle.describe();
  let longest = 0;
  for (let sent = 0; (await loader.handle.describe()).runId === first; sent += 50) {
    if (sent > 8000) throw new Error('it never continued as new');
    await Promise.all(Array.from({ length: 50 }, () => loader.handle.signal(SIGNAL_HINT)));
    longest = Math.max(longest, (await loader.handle.describe()).historyLength);
    // A query is answered once the hints are taken.
    await loader.progress();
  }
  expect(longest).toBeLessThan(10_240);
  const { parked, totals } = await loader.becomes({ current: 2, parked: [1] });
  expect(parked[0]).toMatchObject({ error: 'batch 1 does not fit' });
  expect(totals.batches).toBe(0);
  expect(await loader.order('retryBatch', 1)).toBe('batch 1: retrying');
  await loader.end(2, 'loaded');
  await loader.becomes({ current: 1 });
  await loader.end(1, 'loaded');
  await loader.becomes({ current: 3 });
  expect((await loader.progress()).totals).toMatchObject({ batches: 2, rows: 8 });
});
