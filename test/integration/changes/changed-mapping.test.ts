import { beforeAll, describe, expect, test } from '@jest/globals';
import { triggeredRefreshId } from '../../../src/contract/changes/changes.ts';
import { PAUSE, RESUME } from '../../../src/contract/loader/loader.ts';
import type { RefreshResult } from '../../../src/contract/refresh.ts';
import { withheldId } from '../../../src/pipeline/mapping/hide/withheld-id.ts';
import type { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { Mapping as MappingSchema } from '../../../src/pipeline/mapping/mapping.ts';
import { readPlan } from '../../../src/store/run-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { HeldStatements } from './held-statements.ts';
import { RefreshedTable } from './refreshed-table.ts';

const harness = withHarness();
const held = new HeldStatements();
beforeAll(() => harness.startWorkers(held.in(harness.dependencies)));

const IGNORED = MappingSchema.parse({ columns: { secret: { ignore: true } } });
const PLAIN = MappingSchema.parse({});

/** Gives the workers another mapping. Readers begin again with it, instead of within a minute. */
async function remap(table: RefreshedTable, mapping: Mapping): Promise<void> {
  harness.definitions.set(table.pipeline, { ...table.known.definition, mapping });
  await table.handle.executeUpdate(PAUSE, { args: [] });
  await table.untilProgress(({ open }) => open === 0);
  await table.handle.executeUpdate(RESUME, { args: [] });
}

const secrets = async (table: RefreshedTable) => {
  const rows = await harness.rowsOf(table.schema, table.table);
  return Object.fromEntries(rows.map((row) => [row.id, row.secret]));
};

describe('an attribute that the pipeline no longer ignores', () => {
  test('is in live after the refresh that its first change triggers, and no change recorded before takes it back', async () => {
    const table = new RefreshedTable(harness, held);
    harness.definitions.set(table.pipeline, { ...table.known.definition, mapping: IGNORED });
    await table.create();
    await table.put('a', { secret: { S: 'of a' } });
    await (await table.refresh()).result();
    await table.put('b', { secret: { S: 'of b' } });
    await until(
      () => secrets(table),
      (found) => 'b' in found,
    );
    expect(await secrets(table)).toEqual({ a: undefined, b: undefined });

    await remap(table, PLAIN);
    const release = held.hold(`tributary prepare ${table.schema}__`);
    await table.put('c', { secret: { S: 'of c' } });
    const workflowId = triggeredRefreshId(table.pipeline, 'warehouse');
    const { needsRefresh } = await until(
      () => table.applied(),
      ({ refresh }) => refresh !== undefined,
    );
    expect(needsRefresh).toMatchObject({ code: 'WithheldDiffers' });
    release();
    const { run } = (await harness.client.workflow.getHandle(workflowId).result()) as RefreshResult;
    await table.put('d', { secret: { S: 'of d' } });
    const wanted = { a: 'of a', b: 'of b', c: 'of c', d: 'of d' };
    await until(
      () => secrets(table),
      (found) => 'd' in found,
    );
    expect(await secrets(table)).toEqual(wanted);

    const { bucket, prefix } = table.known.definition.staging;
    const plan = await readPlan(harness.store, { pipeline: table.pipeline, run, bucket, prefix });
    expect(plan.refersTo).toBeUndefined();
    const reached = new Map(plan.changes!.positions.map(({ shard, checkpoint }) => [shard, checkpoint]));
    const ids = (await table.recorded()).flatMap(({ shard: { shard }, checkpoints }) =>
      checkpoints.flatMap(({ number, withheld }) =>
        number > (reached.get(shard) ?? 0) ? (withheld?.id ?? 'unknown') : [],
      ),
    );
    expect(new Set(ids)).toEqual(new Set([withheldId(PLAIN)]));
  });
});
