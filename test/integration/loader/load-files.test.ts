import { beforeAll, describe, expect, test } from '@jest/globals';
import { withHarness } from '../pipeline/with-harness.ts';
import { InboxLoader, waitingBatches } from './inbox-loader.ts';

const harness = withHarness();
beforeAll(async () => {
  await harness.startWorkers(harness.dependencies, undefined, await waitingBatches(harness));
});

const two = { batch: { maxFiles: 2, maxSeconds: 3600 } };

describe('a loader', () => {
  test('loads five files with a batch size of two in two batches; one file waits for its age', async () => {
    const loader = new InboxLoader(harness, two);
    await loader.arrive('a', 'b', 'c');
    await loader.arrive('d', 'e');
    await loader.hint();
    await loader.until(({ current }) => current?.batch === 1);
    await loader.end(1, 'loaded');
    await loader.until(({ current }) => current?.batch === 2);
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
  });
});
