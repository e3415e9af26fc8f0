import { DeleteTableCommand, ListExportsCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Item } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { control, setRecovery } from './table.ts';

const harness = withHarness();
const table = uniqueName('exported');
const prefix = uniqueName('exports');
let tableArn: string;

const items: Item[] = Array.from({ length: 40 }, (_, n) => ({
  pk: { S: `p${n % 7}` },
  sk: { S: String(n) },
  amount: { N: `${n}.5` },
  ...(n % 3 === 0 ? { lines: { L: [{ M: { sku: { S: `"a${n}"` } } }, { M: { sku: { S: 'é😀' } } }] } } : {}),
  ...(n % 5 === 0 ? { flag: { BOOL: true }, data: { B: Buffer.from([n]) } } : {}),
}));

const source = (some: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'dynamodb-export',
  bucket: testStack().s3.bucket,
  prefix,
  ...some,
});

const run = async (pipeline: string, options = {}) => await harness.runToEnd({ pipeline, ...options });
/** The failure that ends a run's plan. */
const failure = async (overrides: Record<string, unknown>, of = table) => {
  const { pipeline } = harness.define(of, { source: overrides });
  return await (await harness.start({ pipeline })).result().then(
    () => 'no failure',
    (error: unknown) => JSON.stringify(causes(error)),
  );
};
const causes = (error: unknown): string[] => {
  const found: string[] = [];
  for (let each = error as { type?: string; message?: string; cause?: unknown } | undefined; each; ) {
    found.push(`${each.type ?? ''}: ${each.message ?? ''}`);
    each = each.cause as typeof each;
  }
  return found;
};

async function contentOf(schema: string): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const each of await harness.tablesOf(schema)) {
    content[each] = (await harness.rowsOf(schema, each)).map((row) => JSON.stringify(row)).sort();
  }
  return content;
}

beforeAll(async () => {
  await harness.createTable(table, items);
  tableArn = await setRecovery(harness.dynamodb, table);
  await harness.startWorkers();
});

describe('a refresh from a full export', () => {
  test('that it asks for equals a refresh by scan, and costs no read units', async () => {
    const scanned = harness.define(table);
    await run(scanned.pipeline);
    const exported = harness.define(table, { source: source({ request: true, segments: 2 }) });
    const result = await run(exported.pipeline, { run: 'r1' });
    expect(result.items).toBe(items.length);
    expect(await contentOf(exported.schema)).toEqual(await contentOf(scanned.schema));
    const { ExportSummaries } = await harness.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    expect(ExportSummaries).toHaveLength(1);
    const key = `test-runs/${exported.pipeline}/runs/r1/plan.json`;
    const plan = JSON.parse(Buffer.from((await harness.store.get(key))!.body).toString()) as {
      plannedAt: string;
      source: { export: { time: string; arn: string } };
    };
    expect(plan.source.export.arn).toBe(ExportSummaries![0]!.ExportArn);
    const [marker] = await harness.sql(`SELECT * FROM "${exported.schema}"."_tributary_marker"`);
    expect(marker?.extracted_from).toBe(plan.source.export.time);
  });

  test('holds one moment of the table, whatever was written since', async () => {
    await harness.addItems(table, [{ pk: { S: 'later' }, sk: { S: 'later' } }]);
    const { pipeline, schema } = harness.define(table, { source: source() });
    const result = await run(pipeline);
    expect(result.items).toBe(items.length);
    const names = await harness.tablesOf(schema);
    const rows = await harness.rowsOf(schema, names[0]!);
    expect(rows.some((row) => row.pk === 'later')).toBe(false);
  });

  test('is planned, checked and inferred from the newest export, without read units', async () => {
    const { pipeline } = harness.define(table, { source: source({ request: true }) });
    const execute = (workflow: string): Promise<Record<string, unknown>> =>
      harness.client.workflow.execute(workflow, {
        taskQueue: CONTROL_TASK_QUEUE,
        workflowId: uniqueName(workflow),
        args: [{ pipeline }],
      });
    const planned = await execute('planPipeline');
    expect(planned).toMatchObject({ stoppers: [], scan: { items: items.length, readUnits: 0 } });
    const inferred = await execute('inferSchema');
    expect(inferred).toMatchObject({ items: items.length, readUnits: 0 });
    const checks = (existing: Record<string, unknown>) => {
      harness.definitions.set(pipeline, harness.define(table, { source: existing }).definition);
      return execute('checkPipeline');
    };
    const good = JSON.stringify(await checks(source()));
    expect(good).toContain(`${items.length} items in 3 files`);
    const none = JSON.stringify(await checks(source({ prefix: 'none' })));
    expect(none).toContain(`has no complete full export of table ${table}`);
    const { ExportSummaries } = await harness.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    expect(ExportSummaries).toHaveLength(1);
  });

  test('needs no table if the key is set', async () => {
    const deleted = uniqueName('deleted');
    await harness.createTable(deleted, items.slice(0, 3));
    await setRecovery(harness.dynamodb, deleted);
    await run(harness.define(deleted, { source: source({ request: true }) }).pipeline);
    await harness.dynamodb.send(new DeleteTableCommand({ TableName: deleted }));
    const key = ['pk', 'sk'].map((name) => ({ name, kind: 'S' }));
    const { pipeline } = harness.define(deleted, { source: source({ key }) });
    await expect(run(pipeline)).resolves.toMatchObject({ items: 3 });
    const without = await failure(source(), deleted);
    expect(without).toContain('TableNotFound');
    expect(without).toContain('Set source.key to the key of the exported table.');
  });

  test('ends with the reason if DynamoDB cannot make the export', async () => {
    await control('exports', { table, fail: { code: 'S3AccessDenied', message: 'the bucket refuses' } });
    expect(await failure(source({ request: true }))).toContain('S3AccessDenied: the bucket refuses');
  });

  test.each([
    ['truncate', 'ExportDamaged'],
    ['corrupt', 'ExportDamaged'],
    ['add', 'ExportDamaged'],
    ['omit', 'ExportIncomplete'],
    ['no summary', 'ExportIncomplete'],
  ])('ends before anything is live if the export is damaged: %s', async (damage, code) => {
    await control('exports', { table, damage });
    const own = uniqueName('damaged');
    expect(await failure(source({ request: true, prefix: own }))).toContain(code);
  });

  test('ends at once if recovery is disabled', async () => {
    const other = uniqueName('unrecovered');
    await harness.createTable(other, items.slice(0, 1));
    const ended = await failure(source({ request: true }), other);
    expect(ended).toContain('RecoveryDisabled');
  });
});
