import { expect, test } from '@jest/globals';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { progressOf, WatchedLoaders } from './watch-harness.ts';

const harness = withHarness();

test('a file that is put is in the inbox with its identity, and its message is gone', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url } = await loaders.createQueue();
  const loader = await loaders.define({ queue: url });
  await harness.startWorkers(loaders.dependencies);
  const watch = await loaders.start(loader);
  const etag = await loaders.put('day=2026-11-01/a b+c 🌋.csv', 'id\n1\n');

  const [page] = await until(
    () => loaders.pages(loader),
    (pages) => pages.length === 1,
  );
  expect(page?.files).toEqual([
    {
      bucket: loaders.store.bucket,
      key: `${loaders.prefix}day=2026-11-01/a b+c 🌋.csv`,
      ...{ etag, bytes: 5, loader, at: expect.any(String) },
    },
  ]);
  const queue = harness.dependencies.queue(url);
  await until(
    () => queue.counts(),
    ({ visible, inFlight }) => visible + inFlight === 0,
  );
  const progress = await until(
    () => progressOf(watch),
    ({ totals }) => totals.files === 1,
  );
  expect(progress).toMatchObject({ loaders: [loader], state: 'running', problems: [] });
  // The loader was given a hint.
  await until(
    () => loaders.hints(loader),
    (hints) => hints.length === 1,
  );
  await watch.cancel();
  await expect(watch.result()).rejects.toThrow(/cancel/i);
});
