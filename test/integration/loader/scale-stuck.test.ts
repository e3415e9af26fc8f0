import { expect, test } from '@jest/globals';
import { workflowHistory } from '../../../bench/loader/histories.ts';
import { Transient } from '../../../src/clients/errors.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
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

const FILES = scaled(1_000, 10_000);
const HINTS = scaled(2_200, 20_000);
const SENT_AT_ONCE = 20;

/** Temporal warns about a history that is longer or larger. */
const WARNING = { events: 10_240, bytes: 10 * 1024 * 1024 };

let isDown = false;
const { harness, define } = withLoaders((real) => ({
  ...real,
  warehouse: (target) => {
    const warehouse = real.warehouse(target);
    const submit: Warehouse['submit'] = async (...args) => {
      if (isDown) throw new Transient('NetworkFailed', 'the warehouse cannot be reached');
      return warehouse.submit(...args);
    };
    return { ...warehouse, submit };
  },
}));

test(`a batch is stuck while ${FILES} files and ${HINTS} hints arrive: no history becomes long, and all is loaded after it`, async () => {
  const { prefix, url } = await announcedQueue(harness);
  const batch = { maxFiles: FILES / 4, maxSeconds: 1 };
  const loader = define({ source: { prefix, queue: url }, merge: MERGE, batch });
  await loader.createTable(COLUMNS);
  const running = new RunningLoader(harness, loader);
  const watch = await startWatch(harness, loader);
  isDown = true;
  await dropMany(loader, { count: 2 });
  await running.until(({ current }) => current?.batch === 1);

  const arriving = dropMany(loader, { from: 2, count: FILES - 2 });
  for (let sent = 0; sent < HINTS; sent += SENT_AT_ONCE)
    await Promise.all(Array.from({ length: SENT_AT_ONCE }, () => running.signal()));
  await arriving;
  const queue = harness.dependencies.queue(url);
  await until(
    () => queue.counts(),
    ({ visible, inFlight }) => visible + inFlight === 0,
  );
  const stuck = await running.progress();
  // Of one file or two, as they were announced.
  expect(stuck).toMatchObject({ current: { batch: 1 }, parkedTotal: 0 });
  // How many events the hints leave depends on how many are taken at once.
  await until(
    async () => {
      await Promise.all(Array.from({ length: SENT_AT_ONCE }, () => running.signal()));
      return workflowHistory(harness.client, running.workflowId);
    },
    ({ executions }) => executions > 1,
  );

  isDown = false;
  await until(
    () => running.counts(),
    ({ files }) => files === FILES,
  );
  await running.until(({ state, inbox, current }) => state === 'idle' && !current && inbox.files === 0);
  expect(await running.counts()).toEqual({ files: FILES, rows: 2 * FILES });
  for (const id of [running.workflowId, watch.workflowId]) {
    const { mostEvents, mostBytes } = await workflowHistory(harness.client, id);
    expect(mostEvents).toBeLessThan(WARNING.events);
    expect(mostBytes).toBeLessThan(WARNING.bytes);
  }
  await watch.cancel();
});
