import { expect, test } from '@jest/globals';
import { PAUSE, RESUME } from '../../../src/contract/loader/loader.ts';
import { until } from '../pipeline/until.ts';
import { withLoaders } from './loader-harness.ts';
import {
  announcedQueue,
  COLUMNS,
  dropMany,
  MERGE,
  RunningLoader,
  scaled,
  startWatch,
} from './scale-setup.ts';

const WAITING = scaled(1_000, 10_000);

const { harness, define, loaders } = withLoaders();

test('five files of two rows, in batches of two: two loads, and one file that waits for its age', async () => {
  const { prefix, url } = await announcedQueue(harness);
  const loader = define({
    source: { prefix, queue: url },
    merge: MERGE,
    batch: { maxFiles: 2, maxSeconds: 3600 },
  });
  await loader.createTable(COLUMNS);
  const running = new RunningLoader(harness, loader);
  const watch = await startWatch(harness, loader);
  await dropMany(loader, { count: 5 });
  const { inbox } = await running.until(
    ({ totals, inbox: waits, state }) => totals.files === 4 && waits.files === 1 && state === 'idle',
  );
  expect(await running.counts()).toEqual({ files: 4, rows: 8 });
  expect([await loader.closed(1), await loader.closed(2), await loader.closed(3)]).toMatchObject([
    { outcome: 'loaded', files: 2, rows: 4 },
    { outcome: 'loaded', files: 2, rows: 4 },
    undefined,
  ]);
  expect(await running.lag()).toMatchObject({ count: 1, bytes: inbox.bytes });

  // Once a file is old enough, one is a batch.
  const { definition } = loader;
  loaders.set(loader.name, { ...definition, batch: { ...definition.batch, maxSeconds: 1 } });
  await running.signal();
  await running.until(({ totals, state }) => totals.batches === 3 && state === 'idle');
  expect(await loader.closed(3)).toMatchObject({ outcome: 'loaded', files: 1, rows: 2 });
  expect(await running.counts()).toEqual({ files: 5, rows: 10 });
  await watch.cancel();
});

test(`a loader that is terminated with ${WAITING} files waiting, and again while it loads, loses none`, async () => {
  const { prefix, url } = await announcedQueue(harness);
  const batch = { maxFiles: WAITING / 4, maxSeconds: 1 };
  const loader = define({ source: { prefix, queue: url }, merge: MERGE, batch });
  await loader.createTable(COLUMNS);
  const running = new RunningLoader(harness, loader);
  await running.signal(PAUSE);
  const watch = await startWatch(harness, loader);
  await dropMany(loader, { count: WAITING });
  // As a hint may be late: it looks once a minute, and each hint makes it look at once.
  await until(
    async () => {
      await running.signal();
      return (await running.progress()).inbox.files;
    },
    (files) => files === WAITING,
  );
  await running.handle.terminate('by the test');
  await running.signal();
  // A pause outlives its workflow.
  await running.signal(RESUME);
  for (const number of [1, 2]) {
    // It may have loaded that batch before it is looked at.
    await running.until(({ current, totals }) => (current?.batch ?? 0) >= number || totals.batches >= number);
    await running.handle.terminate('by the test');
    await running.signal();
  }
  const loaded = await until(
    () => running.counts(),
    ({ files }) => files === WAITING,
  );
  expect(loaded).toEqual({ files: WAITING, rows: 2 * WAITING });
  await running.until(({ state, inbox }) => state === 'idle' && inbox.files === 0);
  await watch.cancel();
});
