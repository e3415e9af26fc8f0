import { beforeAll, expect, test } from '@jest/globals';
import { uniqueName } from '../../pipeline/harness.ts';
import { withHarness } from '../../pipeline/with-harness.ts';
import { testStack } from '../../setup/stack.ts';
import { dyingAfter, KnownWarehouse } from './known-warehouse.ts';

const harness = withHarness();
let known: KnownWarehouse;
const day = (n: number) => `2026-10-${String(n).padStart(2, '0')}`;
const daily = (n: number, more: object = {}) => ({ dataset: 'daily', partition: `day=${day(n)}`, ...more });
const rates = (n: number, more: object = {}) => ({ dataset: 'rates', partition: `day=${day(n)}`, ...more });

beforeAll(async () => {
  const { workgroup, database } = testStack().redshiftData;
  known = new KnownWarehouse({
    ...{ environment: harness.environment, directory: harness.directory(), bucket: testStack().s3.bucket },
    ...{ warehouse: { workgroup, database }, name: uniqueName('w').replaceAll('-', '_') },
  });
  // The tables are there.
  await known.build(rates(1));
  await known.build(daily(1));
});

/** Whether warehouse and S3 agree about a day, and what its rows are. */
async function stateOf(n: number) {
  const record = (await known.records('daily')).get(day(n));
  const pointer = (await known.pointers('daily')).get(day(n));
  return { isSame: record?.id === pointer?.record, generation: record?.generation, sums: pointer?.sums };
}

test('after a death at any write, the next build leaves what a build without one leaves', async () => {
  const deaths: string[] = [];
  for (let n = 2; ; n++) {
    expect(n).toBeLessThan(21);
    await known.build(rates(n));
    const dying = dyingAfter(known.dependencies, n - 1);
    const died = await known.build(daily(n), dying.dependencies).then(
      () => false,
      () => true,
    );
    if (!dying.isDead()) break;
    deaths.push(`${died ? '' : 'alive after '}${dying.last().replace(/[\w-]*\d[\w-]*/g, '…')}`);
    const committed = await stateOf(n);
    await known.build(daily(n));
    const after = await stateOf(n);
    // What was committed is not built again.
    expect({ n, ...after }).toMatchObject({ n, isSame: true, generation: 1 });
    expect(committed.generation ?? 1).toBe(1);
    expect(await known.build(daily(n))).toMatchObject({ isUnchanged: true });
    // The same rows as of a build without a death.
    await known.build(daily(n, { force: true }));
    expect((await stateOf(n)).sums).toBe(after.sums);
  }
  expect(deaths.join('\n')).toMatch(/transaction tributary …? ?of .*\n[\s\S]*transaction tributary unload/);
  expect(deaths.length).toBeGreaterThanOrEqual(8);
  expect(
    (await known.keys('daily')).filter((key) => /\/_tributary\/(?:copy|unload)\//.test(key)).length,
  ).toBeLessThan(2 * deaths.length);
});

test('of two builds of one partition, the stale one changes nothing', async () => {
  await known.build(rates(21));
  const held = Promise.withResolvers<void>();
  const met = Promise.withResolvers<void>();
  let isHeld = false;
  const stale = known.build(daily(21), {
    ...known.dependencies,
    warehouse: (target) => {
      const warehouse = known.dependencies.warehouse(target);
      return {
        ...warehouse,
        submit: async (statements, options) => {
          if (!isHeld && statements.some((sql) => sql.startsWith('LOCK TABLE'))) {
            isHeld = true;
            met.resolve();
            await held.promise;
          }
          return warehouse.submit(statements, options);
        },
      };
    },
  });
  await met.promise;
  known.rate = '2.';
  await known.build(rates(21, { force: true }));
  await known.build(daily(21));
  const before = await stateOf(21);
  held.resolve();
  expect(await stale).toMatchObject({ isUnchanged: true });
  expect(await stateOf(21)).toEqual({ ...before, isSame: true, generation: 1 });
  expect(
    await known.sql(`SELECT rate::VARCHAR FROM ${known.schema}.daily WHERE day = '${day(21)}' ORDER BY rate`),
  ).toEqual([{ rate: '1.00000000' }, { rate: '2.21000000' }]);
});

test('rows that were changed in place are noticed before they are copied', async () => {
  await known.build(rates(22));
  await known.build(daily(22));
  const before = await stateOf(22);
  await known.sql(
    `UPDATE ${known.schema}.daily SET rate = 9 WHERE day = '${day(22)}'`,
    `UPDATE ${known.schema}._tributary_partitions SET "generation" = 5 WHERE "table" = 'daily' AND "partition" = '${day(22)}'`,
  );
  for (const key of await known.keys('daily'))
    if (key.includes(`/day=${day(22)}/gen-`)) await harness.store.delete([key]);
  await known.build(daily(22));
  expect(await stateOf(22)).toEqual({ ...before, isSame: true, generation: 6 });
});

test('a month is built from more partitions than a batch has statements, and read by DuckDB', async () => {
  for (let n = 2; n <= 22; n++) {
    await known.build(rates(n));
    await known.build(daily(n));
  }
  await known.build({ dataset: 'monthly', partition: 'month=2026-10' });
  await known.build({ dataset: 'report', partition: 'month=2026-10' });
  const { partitions, totals } = await known.plan();
  expect(partitions).toEqual([]);
  expect(totals).toMatchObject({ complete: 22 + 22 + 1 + 1 });
});

test('no digit and no byte is lost on the way from files to the warehouse and back', async () => {
  await known.build({ dataset: 'amounts', partition: 'day=2026-10-01' });
  await known.build({ dataset: 'exact', partition: 'day=2026-10-01' });
  const rows = [
    ['-999999999999999.9999999999', '9'.repeat(36), `-9.${'9'.repeat(37)}`, '00ff10'],
    ['0.0000000001', '-1', '', ''],
    ['', '', `0.${'0'.repeat(37)}`, ''],
  ];
  const texts = ['amount', 'large', 'largest', 'bytes'].map(
    (name) => `COALESCE(${name}::VARCHAR, '') AS ${name}`,
  );
  const found = await known.sql(`SELECT ${texts.join(', ')} FROM ${known.schema}.exact`);
  expect(found.map((row) => Object.values(row))).toEqual(expect.arrayContaining(rows));
  expect(found).toHaveLength(rows.length);
  expect(await known.texts('exact')).toEqual(expect.arrayContaining(rows));
  // What was written for COPY is gone.
  expect((await known.keys('exact')).filter((key) => key.includes('/_tributary/copy/'))).toEqual([]);
});
