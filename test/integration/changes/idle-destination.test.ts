import { beforeAll, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createApplyRoundActivities } from '../../../src/activities/apply-changes/apply-changes-activities.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import type { ApplyRoundInput, ApplyRoundResult } from '../../../src/contract/changes/apply-activities.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put } from './logged-table.ts';

const harness = withHarness();
beforeAll(() => harness.startWorkers());

/** A warehouse that counts its calls. */
function counting(warehouse: Warehouse, count: () => void): Warehouse {
  return new Proxy(warehouse, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return (...all: unknown[]) => {
        count();
        return Reflect.apply(member, target, all) as unknown;
      };
    },
  });
}

/** The rounds of one worker. */
function worker() {
  let calls = 0;
  const activities = createApplyRoundActivities({
    ...harness.dependencies,
    warehouse: (definition) =>
      counting(harness.dependencies.warehouse(definition), () => {
        calls++;
      }),
  });
  return async (input: ApplyRoundInput): Promise<ApplyRoundResult & { readonly calls: number }> => {
    calls = 0;
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    const result = (await environment.run(() => activities.applyRound(input))) as ApplyRoundResult;
    return { ...result, calls };
  };
}

test('a quiet destination leaves the warehouse alone until the log has more', async () => {
  const logged = await LoggedTable.copied(harness, [{ id: { S: 'a' } }]);
  const of = { pipeline: logged.pipeline.pipeline, destination: 'warehouse', atMostSeconds: 0 };
  const [round, another] = [worker(), worker()];
  const first = await round(of);
  expect(first).toMatchObject({ idle: expect.any(String), pace: { applySeconds: 1 } });
  expect(first.calls).toBeGreaterThan(0);
  const { idle } = first as { idle: string };
  expect(await round({ ...of, idle })).toMatchObject({ idle, calls: 0 });
  // It has to find out itself, once.
  expect((await another({ ...of, idle })).calls).toBeGreaterThan(0);
  expect(await another({ ...of, idle })).toMatchObject({ idle, calls: 0 });
  await logged.record([put({ id: { S: 'b' } })]);
  const applied = await round({ ...of, idle });
  expect(applied).toMatchObject({ applied: { changes: 1 } });
  expect(applied.idle).toBeUndefined();
  expect(await logged.items()).toEqual(logged.expected());
  // What the other worker holds is older: the log has something behind it.
  await logged.record([put({ id: { S: 'c' } })]);
  expect(await another({ ...of, idle })).toMatchObject({ applied: { changes: 1 } });
  expect(await logged.items()).toEqual(logged.expected());
});
