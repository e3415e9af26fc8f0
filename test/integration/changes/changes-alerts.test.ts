import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { readGaps } from '../../../src/store/changes/log-files.ts';
import { expectKinds, Receivers } from '../pipeline/alert-receivers.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put } from './logged-table.ts';
import { ModelledTable } from './modelled-table.ts';

const harness = withHarness();
const receivers = new Receivers();
beforeAll(() => receivers.open(harness));

let stopWorkers: () => Promise<void> = async () => {};
afterEach(() => stopWorkers());
const startWorkers = async () => {
  stopWorkers = await harness.startWorkers(receivers.in(harness.dependencies));
};

const item = (id: string) => ({ id: { S: id } });

test('a gap is reported, by reader and destination, and is never filled but by a run', async () => {
  await startWorkers();
  const table = await new ModelledTable(harness, [{ name: 'id', kind: 'S' }]).begin(1);
  await table.write(item('a'));
  const before = await table.refresh();
  await table.untilLogged();
  await table.untilApplied();
  await stopWorkers();
  await table.write(item('lost'));
  await table.control('trim');
  await table.write(item('behind'));

  await startWorkers();
  const { gaps } = await until(
    () => table.progress(),
    ({ state }) => state === 'gap',
  );
  expect(gaps).toMatchObject([{ reason: 'trimmed' }]);
  expect(await readGaps(await table.log())).toMatchObject([{ reason: 'trimmed' }]);
  const { state } = await until(
    () => table.applyProgress(),
    ({ needsRefresh }) => needsRefresh?.code === 'ChangesLost',
  );
  expect(state).toBe('waiting for a refresh');
  const alerts = await expectKinds(receivers, table.pipeline, 'waiting', 'waiting');
  expect(alerts.map(({ code }) => code)).toEqual(['ChangesLost', 'ChangesLost']);
  expect(alerts.map(({ next }) => next)).toEqual(
    expect.arrayContaining([expect.stringContaining(`tributary run ${table.pipeline}`)]),
  );
  // What lies behind the gap is in the log, and not in live.
  await until(
    () => table.recorded(),
    (shards) =>
      shards.flatMap(({ records }) => records).some(({ key }) => (key.id as { S: string }).S === 'behind'),
  );
  expect([...(await table.items(before)).keys()]).toEqual(['["a"]']);

  const run = await table.refresh();
  await until(
    () => table.applyProgress(),
    ({ needsRefresh }) => needsRefresh === undefined,
  );
  expect(await table.items(run)).toEqual(table.expected());
});

test('a destination that is later than alertAtLag is reported each time, and its recovery', async () => {
  await startWorkers();
  // An apply takes one checkpoint, of changes that happened long ago, and leaves the rest.
  const logged = await LoggedTable.copied(harness, [item('a')], { warehouse: { applyBytes: '1KB' } });
  const { pipeline } = logged.pipeline;
  const big = (id: string) => put({ ...item(id), text: { S: 'x'.repeat(2000) } });
  const fallBehind = async (round: number) => {
    for (const n of [1, 2, 3]) await logged.record([big(`${round}-${n}`)]);
  };
  await fallBehind(1);
  await logged.start();
  const [late] = await expectKinds(receivers, pipeline, 'waiting', 'recovered');
  expect(late).toMatchObject({
    code: 'ChangesLate',
    next: expect.stringContaining(`tributary changes status ${pipeline} --destination warehouse`),
  });
  expect(late?.what).toMatch(/^\d changes? of \S+ to warehouse (?:is|are) not applied, the oldest for /);
  await logged.applied();
  // Paused, so that none is applied before the next one is recorded.
  await logged.handle().executeUpdate('pause', { args: ['changes pile up'] });
  await fallBehind(2);
  await logged.handle().executeUpdate('resume');
  await expectKinds(receivers, pipeline, 'waiting', 'recovered', 'waiting', 'recovered');
  expect(new Set(receivers.accepted(pipeline).map(({ id }) => id)).size).toBe(4);
});
