import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SeededLedger } from '../../../../local/demo/seeded-ledger.ts';
import { command } from '../../cli/command-line.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { KnownGraph } from './known-graph.ts';

const harness = withHarness();
const ledger = new SeededLedger(3);
const month = { column: 'month', unit: 'month', timezone: 'Europe/London' };
let graph: KnownGraph;
let stop: () => Promise<void> = async () => {};

/** It writes down when it ran. */
const STAMPED = `
export default function ({ now }) {
  return [{ at: now.toISOString() }];
}
`;

beforeAll(async () => {
  ledger.add('2024-03-01', { accounts: 2, most: 3 });
  graph = new KnownGraph(harness, { from: '2024-03-01', until: '2024-03-01' }, {}, (known) => ({
    ...known,
    stamped: {
      ...{ function: './stamped.js', inputs: { monthly_stats: 'same-month' } },
      ...{ columns: { at: 'string' }, partition: month },
    },
  }));
  graph.write('stamped.js', STAMPED);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  stop = await harness.startWorkers(graph.dependencies);
}, 120_000);
afterAll(() => stop());

const cli = (...words: string[]) =>
  command(['dataset', ...words], {
    ...graph.environment,
    TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
  });
const unstable = async () =>
  (await graph.plan()).datasets.flatMap(({ name, unstable: found }) =>
    found === undefined ? [] : [[name, found]],
  );
const again = (hour: string) =>
  graph.run({
    ...{ datasets: ['stamped'], only: true, force: true },
    now: `2024-03-02T${hour}:00:00.000Z`,
  });

test('a step that gives other rows of the same inputs is named by the plan and the status, until it is changed', async () => {
  await graph.run({ now: '2024-03-02T06:00:00.000Z' });
  expect(await again('06')).toMatchObject({ built: 0, unchanged: 1, warnings: [] });
  expect(await unstable()).toEqual([]);

  const warning = 'stamped 2024-03: the same step gave other rows than before of the same inputs';
  expect(await again('07')).toMatchObject({ built: 1, warnings: [expect.stringContaining(warning)] });
  expect(await unstable()).toEqual([['stamped', { partitions: ['2024-03'], total: 1 }]]);
  const text = 'unstable: built again by the same step from the same inputs, 2024-03 had other rows.';
  expect(await cli('plan')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`warning stamped is ${text}`),
  });
  expect(await cli('status')).toMatchObject({ code: 0, stdout: expect.stringContaining(`  !  ${text}`) });

  // The same rows again do not make it a stable one, and neither do other inputs.
  expect(await again('07')).toMatchObject({ built: 0, unchanged: 1, warnings: [] });
  ledger.correct('2024-03-01', 0, 700n);
  await graph.put('2024-03-01.gz', ledger.of('2024-03-01'));
  expect((await graph.run({ now: '2024-03-02T08:00:00.000Z' })).warnings).toEqual([]);
  expect(await unstable()).toEqual([['stamped', { partitions: ['2024-03'], total: 1 }]]);

  graph.write('stamped.js', STAMPED.replace('at: now.toISOString()', "at: 'never'"));
  await stop();
  stop = await harness.startWorkers(graph.renewed());
  expect(await unstable()).toEqual([]);
  await again('09');
  expect(await again('10')).toMatchObject({ built: 0, unchanged: 1, warnings: [] });
  expect(await unstable()).toEqual([]);
}, 300_000);
