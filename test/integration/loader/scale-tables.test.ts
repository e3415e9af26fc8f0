import { expect, test } from '@jest/globals';
import { withLoaders } from './loader-harness.ts';
import {
  announcedQueue,
  COLUMNS,
  dropMany,
  MERGE,
  RunningLoader,
  scaled,
  startWatch,
  twoRows,
} from './scale-setup.ts';

const TABLES = 10;
const FILES = scaled(9, 300);
const BATCH = scaled(3, 20);
const PAUSE_AFTER = 3;

const { harness, define } = withLoaders();

test('of ten tables, one whose every batch fails affects no other: nothing of theirs is left waiting', async () => {
  const { prefix, url } = await announcedQueue(harness);
  const tables: RunningLoader[] = [];
  for (let n = 0; n < TABLES; n++) {
    const loader = define({
      source: { prefix: `${prefix}table-${n}/`, queue: url },
      merge: MERGE,
      batch: { maxFiles: BATCH, maxSeconds: 1 },
      pauseAfterParked: PAUSE_AFTER,
    });
    await loader.createTable(COLUMNS);
    tables.push(new RunningLoader(harness, loader));
  }
  const [failing, ...others] = tables as [RunningLoader, ...RunningLoader[]];
  const unreadable = (n: number) => `id,version\n${n},not a number\n`;
  const arrive = async (from: number) => {
    const files = { from, count: FILES };
    await Promise.all(
      tables.map(({ loader }) => dropMany(loader, files, loader === failing.loader ? unreadable : twoRows)),
    );
  };
  await arrive(0);
  const watch = await startWatch(harness, failing.loader);

  const paused = await failing.until(({ state }) => state === 'paused');
  expect(paused).toMatchObject({ parkedTotal: PAUSE_AFTER, totals: { batches: 0 } });
  const oldest = await failing.loader.failure(1);
  expect(oldest).toMatchObject({ code: 'LoadFailed', message: expect.stringMatching(/not a number/) });

  // Files keep arriving for all of them.
  await arrive(FILES);
  for (const other of others) {
    const idle = await other.until(
      ({ totals, state, inbox }) => totals.files === 2 * FILES && state === 'idle' && inbox.files === 0,
    );
    expect(idle.parkedTotal).toBe(0);
    expect(await other.lag()).toEqual({ seconds: 0, bytes: 0, count: 0 });
    expect(await other.counts()).toEqual({ files: 2 * FILES, rows: 4 * FILES });
  }
  // The failing one's wait for an operator.
  await failing.until(({ inbox }) => inbox.files === 2 * FILES - PAUSE_AFTER * BATCH || inbox.files >= FILES);
  const { seconds, count } = await failing.lag();
  expect(count).toBeGreaterThan(0);
  expect(seconds).toBeGreaterThan(0);
  expect((await failing.counts()).rows).toBe(0);
  await watch.cancel();
});
