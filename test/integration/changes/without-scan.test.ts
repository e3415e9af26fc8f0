import { beforeAll, describe, expect, test } from '@jest/globals';
import { triggeredRefreshId } from '../../../src/contract/changes/changes.ts';
import type { RefreshResult } from '../../../src/contract/refresh.ts';
import { logCheckpointKey } from '../../../src/pipeline/changes/change-directory.ts';
import { readManifest, readPlan } from '../../../src/store/run-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { numbered, RefreshedTable } from './refreshed-table.ts';

const harness = withHarness();
const held = new HeldStatements();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

/** A table that a run has made live, and to which changes were applied since. */
async function followed(): Promise<{ table: RefreshedTable; run: string }> {
  const table = await new RefreshedTable(harness, held).with(numbered(5));
  const { run } = (await (await table.refresh()).result()) as RefreshResult;
  await table.write('i1');
  await table.delete('i2');
  await table.write('more');
  await table.untilEqual();
  return { table, run };
}

const refOf = ({ pipeline, known }: RefreshedTable, run: string) => {
  const { bucket, prefix } = known.definition.staging;
  return { pipeline, run, bucket, prefix };
};

/** Refreshes it, if possible without reading the table, and waits until live equals it. @returns the plan */
async function refreshed(table: RefreshedTable) {
  const { run } = (await (await table.refresh({ preferReuse: true })).result()) as RefreshResult;
  await table.write('i3');
  await table.untilEqual();
  return readPlan(harness.store, refOf(table, run));
}

describe('a refresh that changes trigger', () => {
  test('takes the part files of the live run and the changes since then: the table is not read', async () => {
    const { table, run } = await followed();
    await table.put('i4', { n: { S: 'text' } });
    const text = async () =>
      (await harness.sql(`SELECT "n" FROM "${table.schema}"."${table.table}" WHERE "id" = 'i4'`))[0]?.n;
    await until(text, (found) => found === 'text');
    const workflowId = triggeredRefreshId(table.pipeline, 'warehouse');
    const result = (await harness.client.workflow.getHandle(workflowId).result()) as RefreshResult;
    const plan = await readPlan(harness.store, refOf(table, result.run));
    expect(plan.refersTo?.run).toBe(run);
    expect(plan.origin).toContain(`part files of run ${run}`);
    await table.write('i4');
    await table.untilEqual();
  });
});

describe('a refresh that reads the table only if it must', () => {
  test('can be repeated: each takes the part files of the one before', async () => {
    const { table, run } = await followed();
    const second = await refreshed(table);
    expect(second.refersTo?.run).toBe(run);
    const third = await refreshed(table);
    expect(third.refersTo?.run).toBe(second.run);
  });

  test('reads it if the log does not reach back', async () => {
    const { table, run } = await followed();
    const { changes } = await readPlan(harness.store, refOf(table, run));
    const { at } = await table.log();
    const { shard, checkpoint } = changes!.positions[0]!;
    await harness.store.delete([logCheckpointKey({ ...at, shard }, checkpoint + 1)]);
    const plan = await refreshed(table);
    expect(plan.refersTo).toBeUndefined();
    expect(plan.origin).toMatch(/^It reads the table.*was deleted/);
  });

  test('reads it if a part file is gone', async () => {
    const { table, run } = await followed();
    const manifest = await readManifest(harness.store, refOf(table, run));
    const { key } = manifest.tables[0]!.files[0]!;
    await harness.store.delete([key]);
    const plan = await refreshed(table);
    expect(plan.refersTo).toBeUndefined();
    expect(plan.origin).toContain(`${key} was removed`);
  });

  test('reads it if nothing is live', async () => {
    const table = await new RefreshedTable(harness, held).with(numbered(2));
    const plan = await refreshed(table);
    expect(plan.origin).toMatch(/no run is live/);
  });
});
