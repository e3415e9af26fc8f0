import { beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { verifyStaging } from '../../../src/activities/load/verify-staging.ts';
import type { Warehouse } from '../../../src/clients/warehouse.ts';
import { CONTROL_TASK_QUEUE, type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

describe('verification', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  const nested = uniqueName('nested');

  beforeAll(async () => {
    await harness.createTable(
      table,
      Array.from({ length: 20 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        text: { S: `text ${i}` },
      })),
    );
    await harness.createTable(
      nested,
      Array.from({ length: 20 }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        tags: { SS: ['a', 'b'] },
      })),
    );
    await harness.startWorkers();
  });

  test.each([
    [
      'a row is missing',
      `DELETE FROM $table WHERE pk = 'p3'`,
      /20 rows were extracted, the warehouse holds 19/,
    ],
    [
      'a value has become NULL',
      `UPDATE $table SET text = NULL WHERE pk = 'p3'`,
      /text: 20 values that are not NULL were extracted, the warehouse holds 19/,
    ],
    [
      'a text was cut',
      `UPDATE $table SET text = 'text' WHERE pk = 'p3'`,
      /text: 130 bytes of text were extracted, the warehouse holds 128/,
    ],
  ])('finds that %s, and nothing is replaced', async (_, harm, words) => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const { run } = await (await harness.start({ pipeline, to: 'load' })).result();
    await harness.sql(harm.replace('$table', `"${schema}__${run}_1"."${table}"`));
    const verifying = await harness.start({ pipeline, run, from: 'verify' });
    await expect(verifying.result()).rejects.toMatchObject({
      cause: { type: 'VerificationFailed', message: expect.stringMatching(words) },
    });
    expect(await harness.tablesOf(schema)).toEqual([]);
    // After it is prepared and loaded again, it is complete.
    await (await harness.start({ pipeline, run, from: 'prepare' })).result();
    expect(await harness.rowsOf(schema, table)).toHaveLength(20);
  });

  describe.each(['verify', 'replace'] as const)('a run that continues from %s', (from) => {
    test.each([
      ['was prepared and never loaded', undefined],
      ['was loaded in part', nested],
    ])('does not replace live if staging %s', async (_, loaded) => {
      const { pipeline, schema } = harness.define(nested, { source: { segments: 2 } });
      const live = await (await harness.start({ pipeline })).result();
      const { run } = await (await harness.start({ pipeline, to: 'prepare' })).result();
      if (loaded !== undefined) {
        await harness.client.workflow.execute('loadTable', {
          taskQueue: CONTROL_TASK_QUEUE,
          workflowId: uniqueName('load'),
          args: [{ pipeline, run, table: loaded }],
        });
      }
      const continued = await harness.start({ pipeline, run, from });
      await expect(continued.result()).rejects.toMatchObject({
        cause: {
          type: 'VerificationFailed',
          message: expect.stringMatching(/so nothing is replaced.*If it differs again, start a new run/),
        },
      });
      expect(await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`)).toEqual([{ run: live.run }]);
      expect(await harness.rowsOf(schema, `${nested}__tags`)).toHaveLength(40);
    });
  });

  test('a run that continues from replace says that it verifies first', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const { run } = await (await harness.start({ pipeline, to: 'load' })).result();
    const replacing = await harness.start({ pipeline, run, from: 'replace' });
    expect(await replacing.result()).toMatchObject({ run, status: 'replaced' });
    const { phases } = await replacing.query<Progress>(QUERY_PROGRESS);
    expect(phases.filter(({ state }) => state === 'completed').map(({ phase }) => phase)).toEqual([
      'verify',
      'replace',
    ]);
    expect(await harness.rowsOf(schema, table)).toHaveLength(20);
    // It is live already, so there is nothing to do.
    const again = await harness.start({ pipeline, run, from: 'replace' });
    expect(await again.result()).toMatchObject({ run, status: 'replaced' });
  });

  test('if one table cannot be counted, the counts of the others end, even in the warehouse', async () => {
    const { pipeline, schema, definition } = harness.define(nested, { source: { segments: 2 } });
    const { run } = await (await harness.start({ pipeline, to: 'load' })).result();
    const digits = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
    const endless = `SELECT count(*) FROM ${Array.from({ length: 24 }, (_, i) => `${digits} t${i}`).join(', ')}`;
    let counting: string | undefined;
    const struck: Warehouse = {
      ...harness.warehouse,
      async submit(statements, options) {
        if (options.name.endsWith('__tags')) return harness.warehouse.submit(['SELECT nothing'], options);
        const isCount = options.name.startsWith('tributary verify');
        const id = await harness.warehouse.submit(isCount ? [endless] : statements, options);
        if (isCount) counting = id;
        return id;
      },
    };
    const { bucket, prefix } = definition.staging;
    const verifying = new MockActivityEnvironment().run(() =>
      verifyStaging(
        { ...harness.dependencies, warehouse: () => struck },
        {
          ref: { pipeline, run, bucket, prefix },
          warehouse: definition.warehouse,
          stagingSchema: `${schema}__${run}_1`,
        },
      ),
    );
    await expect(verifying).rejects.toThrow(/nothing/);
    expect(await harness.warehouse.describe(counting!)).toMatchObject({ status: 'ABORTED' });
  });
});
