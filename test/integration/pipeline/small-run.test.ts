import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runHistory } from '../../../bench/run-history.ts';
import { type ScriptedProxy, startScriptedProxy } from '../../../local/fault-proxy/scripted-proxy.ts';
import { createControlActivities, createExtractActivities } from '../../../src/activities/index.ts';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import { Transient } from '../../../src/clients/errors.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { stagingName } from '../../../src/pipeline/staging/staging.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { testStack } from '../setup/stack.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

/** What a run of a small table costs: in round trips, not in time. */
describe('a run of an empty table with four segments', () => {
  const harness = withHarness();
  const table = uniqueName('empty');
  let proxy: ScriptedProxy;
  let pipeline: TestPipeline;

  beforeAll(async () => {
    await harness.createTable(table, []);
    pipeline = harness.define(table, { source: { segments: 4 } });
    proxy = await startScriptedProxy(testStack().redshiftData.endpoint);
    const proxied = dependenciesFromEnvironment({
      ...harness.environment,
      TRIBUTARY_REDSHIFT_DATA_ENDPOINT: proxy.endpoint,
    });
    await harness.startWorkers({
      ...harness.dependencies,
      warehouse: (target) => proxied.warehouse(target),
    });
  });
  afterAll(async () => {
    await proxy?.close();
  });

  test.each([
    { which: 'first', batches: 9, statements: 7, results: 6 },
    { which: 'next', batches: 19, statements: 13, results: 44 },
  ])('the $which run of its pipeline takes few round trips', async ({ batches, statements, results }) => {
    proxy.next([]);
    const { workflowId, ...handle } = await harness.start({ pipeline: pipeline.pipeline });
    await expect(handle.result()).resolves.toMatchObject({ status: 'replaced', items: 0 });

    const { activities, workflowTasks, events, steps, looks } = await runHistory(harness.client, workflowId);
    expect(activities).toBe(12);
    const tasks = Object.groupBy(
      steps.filter(({ name }) => name === 'workflow task'),
      (task) => task.workflowId,
    );
    const { [workflowId]: ofRun = [], ...ofChildren } = tasks;
    // Each of its children starts, and completes when its activity has reported to the run.
    expect(Object.values(ofChildren).map((some) => some?.length)).toEqual([2, 2, 2, 2, 2]);
    // One for its start, each step, and each child's start, report and end; fewer if some of these come together.
    expect(ofRun.length).toBeLessThanOrEqual(1 + 7 + 3 * 5 + 2 * looks);
    // A workflow task is three events. A look, on a busy machine, is some others: those of a timer and an activity.
    expect(events - 3 * workflowTasks).toBeLessThanOrEqual(86 + 8 * looks);

    const calls = Object.groupBy(proxy.calls, ({ operation }) => operation);
    expect(calls.BatchExecuteStatement?.length).toBeLessThanOrEqual(batches);
    expect(calls.ExecuteStatement?.length).toBeLessThanOrEqual(statements);
    expect(calls.GetStatementResult?.length).toBeLessThanOrEqual(results);
  });

  test('a segment whose run cannot be notified leaves that to its workflow', async () => {
    const { pipeline: name, definition } = harness.define(table, { source: { segments: 1 } });
    const { run: extracted } = await harness.runToEnd({ pipeline: name, to: 'extract' });
    const { staging } = definition;
    const { client } = harness;
    const result = await new MockActivityEnvironment({}, { client }).run(() =>
      createExtractActivities(harness.dependencies, undefined).extractSegmentPages({
        ...{ pipeline: name, run: extracted, segment: 0, staging, parent: 'no such workflow' },
      }),
    );
    expect(result).toEqual({ segment: 0, items: 0, files: 0, bytes: 0, checkpoints: 1, rejects: 0 });
  });

  test('a retry of its preparation continues with the staging schema that the attempt before has named', async () => {
    const { pipeline: name, schema, definition } = harness.define(table);
    const { run: sealed } = await harness.runToEnd({ pipeline: name, to: 'seal' });
    const { warehouse, staging } = definition;
    const ref = { pipeline: name, run: sealed, bucket: staging.bucket, prefix: staging.prefix };
    const withoutMarker = (real: Warehouse): Warehouse => ({
      ...real,
      submit: async (statements, options) => {
        if (options.name.endsWith(' marker')) throw new Transient('WarehouseAway', 'gone for now');
        return real.submit(statements, options);
      },
    });
    const { dependencies: real } = harness;
    const broken = { ...real, warehouse: (target: never) => withoutMarker(real.warehouse(target)) };
    const prepare = (deps: Dependencies, activityId: string, attempt: number) =>
      new MockActivityEnvironment({ activityId, attempt }).run(() =>
        createControlActivities(deps).prepareStaging({ ref, warehouse }),
      );
    const named = (generation: number) => stagingName(schema, { run: sealed, generation });

    await expect(prepare(broken, '1', 1)).rejects.toThrow('gone for now');
    await expect(prepare(real, '1', 2)).resolves.toBe(named(1));
    // After a reset, it is another activity.
    await expect(prepare(real, '2', 1)).resolves.toBe(named(2));
    await expect(prepare(real, '1', 3)).resolves.toBe(named(3));
  });
});
