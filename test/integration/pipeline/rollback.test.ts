import { beforeAll, describe, expect, test } from '@jest/globals';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { newestRuns } from '../../../src/cli/observe/find-run.ts';
import type { BackupList, RollbackInput, RollbackResult } from '../../../src/contract/maintenance.ts';
import { command } from '../cli/command-line.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

describe('a rollback', () => {
  const harness = withHarness();
  const table = uniqueName('items');
  let number = 0;

  beforeAll(async () => {
    await createTable(harness.dynamodb, table);
    await harness.startWorkers();
  });

  /** A run with one more item than before. */
  async function refresh(pipeline: string): Promise<string> {
    number++;
    await loadItems(harness.dynamodb, table, [{ pk: { S: `p${number}` }, sk: { S: 's' } }]);
    return (await (await harness.start({ pipeline })).result()).run;
  }
  const define = (keepBackups = 1) =>
    harness.define(table, { source: { segments: 1 }, warehouse: { keepBackups } });
  const started = (input: RollbackInput) =>
    harness.client.workflow.start('rollbackWarehouse', {
      taskQueue: 'tributary',
      workflowId: uniqueName('rollback'),
      args: [input],
    });
  const rollBack = async (input: RollbackInput) => (await (await started(input)).result()) as RollbackResult;
  const backups = async (pipeline: string) =>
    (await harness.client.workflow.execute('listBackups', {
      taskQueue: 'tributary',
      workflowId: uniqueName('backups'),
      args: [{ pipeline }],
    })) as BackupList;
  const liveRun = async (schema: string) =>
    (await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`))[0]?.run;
  const because = (type: string, words: string) => ({
    cause: { type, message: expect.stringContaining(words) },
  });
  const expectRefused = (input: RollbackInput, type: string, words: string) =>
    expect(rollBack(input)).rejects.toMatchObject(because(type, words));

  test('restores the previous run; the next run first drops what was rolled back, then replaces it', async () => {
    const { pipeline, schema } = define();
    const [first, second] = [await refresh(pipeline), await refresh(pipeline)];
    const rows = (await harness.rowsOf(schema, table)).length;
    expect(await rollBack({ pipeline })).toMatchObject({
      run: first,
      replaced: second,
      backupSchema: `${schema}__${second}_undone_backup`,
    });
    expect(await harness.rowsOf(schema, table)).toHaveLength(rows - 1);
    expect((await backups(pipeline)).backups).toMatchObject([{ run: second, undone: true, tables: 1, rows }]);

    const third = await refresh(pipeline);
    expect(await liveRun(schema)).toBe(third);
    expect((await backups(pipeline)).backups).toMatchObject([{ run: first, undone: false }]);
  });

  test('goes back one run at a time or to a named run, and never does anything twice', async () => {
    const { pipeline, schema } = define(2);
    const [first, second, third] = [
      await refresh(pipeline),
      await refresh(pipeline),
      await refresh(pipeline),
    ];
    expect((await backups(pipeline)).backups.map(({ run }) => run)).toEqual([second, first]);
    expect((await rollBack({ pipeline })).run).toBe(second);
    expect((await rollBack({ pipeline })).run).toBe(first);
    await expectRefused({ pipeline }, 'NoBackup', third);
    expect((await rollBack({ pipeline, to: third })).run).toBe(third);
    expect(await rollBack({ pipeline, to: third })).toMatchObject({ run: third, replaced: null });
    // The same swaps as before, while the Data API still knows their client tokens.
    expect((await rollBack({ pipeline, to: second })).run).toBe(second);
    expect((await rollBack({ pipeline, to: third })).run).toBe(third);
    expect(await liveRun(schema)).toBe(third);
  });

  test('that is reset chooses the same run again, and leaves live alone if it has changed since', async () => {
    const { pipeline, schema } = define(2);
    const [first, second, third] = [
      await refresh(pipeline),
      await refresh(pipeline),
      await refresh(pipeline),
    ];
    const handle = await started({ pipeline });
    expect(await handle.result()).toMatchObject({ run: second });
    const reset = async () => {
      const { runId } = await harness.client.workflow.getHandle(handle.workflowId).describe();
      await harness.client.workflowService.resetWorkflowExecution({
        namespace: harness.namespace,
        workflowExecution: { workflowId: handle.workflowId, runId },
        reason: 'test',
        requestId: uniqueName('reset'),
        workflowTaskFinishEventId: 4 as never,
      });
      return harness.client.workflow.getHandle(handle.workflowId).result();
    };
    expect(await reset()).toMatchObject({
      run: second,
      replaced: third,
      backupSchema: `${schema}__${third}_undone_backup`,
    });
    expect((await rollBack({ pipeline, to: first })).run).toBe(first);
    await expect(reset()).rejects.toMatchObject(because('LiveChanged', first));
    expect(await liveRun(schema)).toBe(first);
  });

  test('carries over the grants on live since the replacement', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    await refresh(pipeline);
    const reader = uniqueName('reader');
    await harness.sql(
      `CREATE USER ${reader} PASSWORD DISABLE`,
      `GRANT USAGE ON SCHEMA "${schema}" TO ${reader}`,
      `GRANT SELECT ON "${schema}"."${table}" TO ${reader}`,
    );
    await rollBack({ pipeline });
    const grants = await harness.sql(
      `SELECT privilege_type FROM svv_relation_privileges WHERE namespace_name = '${schema}' AND identity_name = '${reader}'`,
    );
    expect(grants).toEqual([{ privilege_type: 'SELECT' }]);
  });

  test('lets bound views, as they are now, read what it restores', async () => {
    const { pipeline, schema } = define();
    await refresh(pipeline);
    await refresh(pipeline);
    const outside = uniqueName('views');
    await harness.sql(
      `CREATE SCHEMA "${outside}"`,
      `CREATE VIEW "${schema}"."keys" AS SELECT pk FROM "${schema}"."${table}"`,
      `CREATE VIEW "${outside}"."v" AS SELECT pk FROM "${schema}"."keys"`,
    );
    const rows = (await harness.sql(`SELECT pk FROM "${outside}"."v"`)).length;
    const [backup] = (await backups(pipeline)).backups;
    // An older version of a view, as earlier releases left it in the backup, gives way to the one in live.
    await harness.sql(
      `CREATE VIEW "${backup!.schema}"."keys" AS SELECT sk FROM "${backup!.schema}"."${table}"`,
    );
    expect((await rollBack({ pipeline })).views).toEqual([`${schema}.keys`, `${outside}.v`]);
    expect(await harness.sql(`SELECT pk FROM "${outside}"."v"`)).toHaveLength(rows - 1);
    expect(await harness.rowsOf(schema, 'keys')).toHaveLength(rows - 1);
  });

  test('is refused without a backup, on a foreign live schema, and if something would be lost', async () => {
    const { pipeline, schema } = define();
    await expectRefused({ pipeline }, 'NoBackup', schema);
    const first = await refresh(pipeline);
    await expectRefused({ pipeline, to: 'never_was' }, 'NoBackup', schema);
    await loadItems(harness.dynamodb, table, [{ pk: { S: 'newer' }, sk: { S: 's' }, newer: { S: 'x' } }]);
    await refresh(pipeline);
    await expectRefused({ pipeline, to: 'never_was' }, 'NoBackup', first);

    await harness.sql(`CREATE TABLE "${schema}"."mine" (n INT)`);
    await expectRefused({ pipeline }, 'ReplacementStopped', `${schema}.mine`);
    await harness.sql(
      `DROP TABLE "${schema}"."mine"`,
      `CREATE VIEW "${schema}"."v" AS SELECT newer FROM "${schema}"."${table}"`,
    );
    const reads = `view ${schema}.v, which reads ${schema}.${table}.newer`;
    await expectRefused({ pipeline }, 'ReplacementStopped', reads);

    const other = harness.define(table, { warehouse: { schema } });
    await expectRefused({ pipeline: other.pipeline }, 'OtherPipeline', pipeline);
  });

  test('from the command line: backups lists them, rollback --wait --json reports what is live', async () => {
    const { pipeline, schema } = define();
    const [first, second] = [await refresh(pipeline), await refresh(pipeline)];
    const tributary = (...words: string[]) =>
      command(words, { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace });
    expect(await tributary('backups', pipeline)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`${schema} holds run ${second}[\\s\\S]*^${first} .* 1 `, 'm')),
    });
    const { code, stdout } = await tributary('rollback', pipeline, '--wait', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pipeline, schema, run: first, replaced: second });
    const again = await tributary('rollback', pipeline, '--wait');
    expect(again).toMatchObject({
      ...{ code: 1 },
      stderr: expect.stringMatching(new RegExp(`tributary rollback ${pipeline} --to ${second} --wait`)),
    });
  });

  test('shows in the lists of runs which one it took out of live, until that one is restored', async () => {
    const { pipeline } = define();
    const [first, second] = [await refresh(pipeline), await refresh(pipeline)];
    const states = async () => {
      const runs = await newestRuns(harness.client, { limit: 2, pipeline });
      return Object.fromEntries(runs.map(({ run, rolledBackTo }) => [run, rolledBackTo]));
    };
    await rollBack({ pipeline });
    // Temporal's list may be a second behind.
    await until(states, (seen) => seen[`${second}`] === first);
    expect((await states())[`${first}`]).toBeUndefined();
    const status = await command(['status', `${second}`], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
    expect(status.stdout).toContain('rolled back');
    expect(status.stdout).toContain(`run ${first} was restored in its place`);
    await rollBack({ pipeline, to: `${second}` });
    await until(states, (seen) => seen[`${first}`] === second);
    expect((await states())[`${second}`]).toBeUndefined();
  });
});
