import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { LoggedTable, put } from './logged-table.ts';

const held = new HeldStatements();
const harness = withHarness();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

const item = (id: string, more: Item = {}): Item => ({ id: { S: id }, ...more });

let releases: readonly (() => void)[] = [];
afterEach(() => {
  for (const release of releases) release();
});

/** One worker applies at most two batches of changes at a time, and three destinations hang. */
test('destinations whose statements never return delay no other', async () => {
  const copied = () => LoggedTable.copied(harness, [item('a')]);
  const growing = [await copied(), await copied()];
  const applying = await copied();
  const other = await copied();
  const hanging = [...growing, applying];
  const prefixes = [
    ...growing.map(({ pipeline: { schema } }) => `tributary columns of ${schema}`),
    `tributary apply changes to ${applying.pipeline.schema}`,
  ];
  releases = prefixes.map((prefix) => held.hold(prefix));
  for (const each of hanging) {
    // A new attribute: its column is added before the apply.
    await each.record([put(item('b', each === applying ? {} : { added: { S: 'x' } }))]);
    await each.start();
  }
  await until(
    async () => prefixes.map((prefix) => held.count(prefix)),
    (counts) => counts.every((count) => count > 0),
  );

  await other.start();
  for (let n = 0; n < 3; n++) {
    await other.record([put(item(`c${n}`, { [`added${n}`]: { N: String(n) } }))]);
    await other.applied();
  }
  expect(await other.items()).toEqual(other.expected());
  const { lag } = await until(
    () => other.progress(),
    ({ totals }) => totals.changes === 3,
  );
  expect(lag).toEqual({ seconds: 0, bytes: 0, count: 0 });
  for (const each of hanging) expect((await each.progress()).totals.rounds).toBe(0);

  for (const release of releases) release();
  for (const each of hanging) {
    await each.applied();
    expect(await each.items()).toEqual(each.expected());
  }
});
