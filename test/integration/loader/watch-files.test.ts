import { afterEach, describe, expect, test } from '@jest/globals';
import { startHttpFaultProxy } from '../../../local/fault-proxy/http-fault-proxy.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { WorkerProcesses } from '../pipeline/worker-process.ts';
import { testStack } from '../setup/stack.ts';
import { progressOf, WatchedLoaders } from './watch-harness.ts';

const harness = withHarness();

/** Workers know the loaders of their own test only. */
const stops: (() => Promise<void>)[] = [];
const startWorkers = async (loaders: WatchedLoaders) => {
  const stopping = new AbortController();
  const stop = await harness.startWorkers({ ...loaders.dependencies, stopping: stopping.signal });
  stops.push(() => {
    stopping.abort();
    return stop();
  });
};
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

test('a file that is put is in the inbox with its identity, and its message is gone', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url } = await loaders.createQueue();
  const loader = await loaders.define({ queue: url });
  await startWorkers(loaders);
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

test('a worker that is killed after it wrote a page leaves the same page and the same file', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url } = await loaders.createQueue();
  const loader = await loaders.define({ queue: url });
  const deleting = Promise.withResolvers<void>();
  const proxy = await startHttpFaultProxy({
    behind: testStack().sqs.endpoint,
    faultFor({ operation }) {
      if (operation !== 'DeleteMessageBatch') return { kind: 'none' };
      deleting.resolve();
      return { kind: 'silence' };
    },
  });
  harness.onClose(() => proxy.close());
  await loaders.drain(url);
  const processes = new WorkerProcesses(harness);
  const worker = loaders.startProcess(processes, { TRIBUTARY_SQS_ENDPOINT: proxy.endpoint });
  await loaders.start(loader);
  await loaders.put('a.csv');
  await deleting.promise;
  const before = await loaders.pages(loader);
  await processes.end(worker);
  await loaders.expire(url);

  loaders.startProcess(processes);
  await loaders.untilEmpty(url);
  await processes.endAll();
  expect(before).toHaveLength(1);
  expect(await loaders.pages(loader)).toEqual(before);
});

test('a message that is not a notification ends in the dead-letter queue, and the others do not wait for it', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url, dead } = await loaders.createQueue(2);
  const loader = await loaders.define({ queue: url });
  await startWorkers(loaders);
  await loaders.send(url, '{"hello":"world"}');
  const watch = await loaders.start(loader);
  await loaders.put('a.csv');
  await loaders.untilWaiting(loader, (names) => names.length === 1);
  const [poison] = await until(
    () => dead.receive({ max: 1, waitSeconds: 1, visibilitySeconds: 60 }),
    (messages) => messages.length === 1,
  );
  expect(poison?.body).toBe('{"hello":"world"}');
  const { totals } = await until(
    () => progressOf(watch),
    (progress) => progress.totals.poison > 0 && progress.totals.files > 0,
  );
  expect(totals).toMatchObject({ files: 1, unmatched: 0 });
});

test('files that no loader matches are acknowledged, counted and listed, each once', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url } = await loaders.createQueue();
  const loader = await loaders.define({ queue: url, match: '*.csv' });
  await startWorkers(loaders);
  const watch = await loaders.start(loader);
  await loaders.put('readme.txt');
  await loaders.put('readme.txt', 'again');
  await loaders.put('a.csv');
  await loaders.untilEmpty(url);
  const { totals } = await until(
    () => progressOf(watch),
    (progress) => progress.totals.unmatched === 2,
  );
  expect(totals.poison).toBe(0);
  const { files } = await until(
    () => loaders.unmatched(url),
    (found) => found.files.length > 0,
  );
  expect(files.map(({ key }) => key)).toEqual([`${loaders.prefix}readme.txt`]);
});

test('of thousands of messages, some delivered twice, every file is in the inbox, and the loader gets few hints', async () => {
  const loaders = new WatchedLoaders(harness);
  const { url } = await loaders.createQueue();
  const loader = await loaders.define({ queue: url });
  const names = Array.from({ length: 5_000 }, (_, n) => `${String(n).padStart(5, '0')}.csv`);
  await loaders.disturb(url);
  await loaders.send(url, ...names.map((name) => loaders.event(name)));
  const startedMs = Date.now();
  await startWorkers(loaders);
  const watch = await loaders.start(loader);
  await loaders.untilEmpty(url);
  expect([...new Set(await loaders.waiting(loader))]).toEqual(names);
  const pages = await loaders.pages(loader);
  expect(pages.every(({ files }) => files.length <= 1000)).toBe(true);
  const { totals } = await until(
    () => progressOf(watch),
    (progress) => progress.totals.files >= names.length,
  );
  expect(totals).toMatchObject({ unmatched: 0, poison: 0 });
  // One every five seconds at most, however many pages there are, and however long they take.
  const hints = await loaders.hints(loader);
  expect((hints.length - 1) * 5_000).toBeLessThanOrEqual(Date.now() - startedMs);
});

describe('a listing', () => {
  test('finds the files without a queue, each once, and overwritten ones again', async () => {
    const loaders = new WatchedLoaders(harness);
    const loader = await loaders.define({ listSeconds: 1, listFrom: '2026-01-01' });
    await loaders.put('a.csv');
    await startWorkers(loaders);
    const watch = await loaders.start(loader);
    await loaders.untilWaiting(loader, (names) => names.length === 1);
    await loaders.put('b/c.csv');
    await loaders.untilWaiting(loader, (names) => names.length === 2);
    const etag = await loaders.put('a.csv', 'overwritten');
    await loaders.untilWaiting(loader, (names) => names.length === 3);
    const pages = await loaders.pages(loader);
    expect(pages.flatMap(({ files }) => files).map((file) => file.etag)).toContain(etag);
    const { at } = (await progressOf(watch)).listings[0]!;
    const later = await until(
      () => progressOf(watch),
      ({ listings }) => listings[0]!.at > at,
    );
    expect(later.totals.listed).toBe(3);
    expect(await loaders.waiting(loader)).toEqual(['a.csv', 'a.csv', 'b/c.csv']);
  });

  test('finds what events missed, with an identity like theirs, and leaves out what they announced', async () => {
    const loaders = new WatchedLoaders(harness);
    const { url } = await loaders.createQueue();
    const loader = await loaders.define({ queue: url });
    await startWorkers(loaders);
    const first = await loaders.start(loader);
    const etag = await loaders.put('announced.csv');
    await loaders.untilWaiting(loader, (names) => names.length === 1);
    await loaders.untilEmpty(url);
    await loaders.announceNothing(url);
    const missed = await loaders.put('missed.csv');
    await first.cancel();
    await expect(first.result()).rejects.toThrow(/cancel/i);

    // From now on, a file is left to its event for a second only.
    loaders.change(loader, { listSeconds: 1 });
    const second = await loaders.start(loader);
    await loaders.untilWaiting(loader, (names) => names.length > 1);
    const files = (await loaders.pages(loader)).flatMap((page) => page.files);
    const { bucket } = loaders.store;
    expect(files.map(({ at: _at, ...file }) => file).sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { bucket, key: `${loaders.prefix}announced.csv`, etag, bytes: 13, loader },
      { bucket, key: `${loaders.prefix}missed.csv`, etag: missed, bytes: 10, loader },
    ]);
    const { totals } = await until(
      () => progressOf(second),
      (progress) => progress.totals.listed > 0,
    );
    expect(totals.listed).toBe(1);
  });
});
