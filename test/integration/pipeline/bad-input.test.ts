import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createTable } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput } from '../../../src/contract/refresh.ts';
import { manifestKey } from '../../../src/pipeline/run/run-directory.ts';
import type { extractSegment } from '../../../src/workflows/refresh/extract-segment.ts';
import type { loadTable } from '../../../src/workflows/refresh/load-table.ts';
import { type Overrides, uniqueName } from './harness.ts';
import { withHarness } from './with-harness.ts';

describe('bad input', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '1' } }]);
    await harness.startWorkers();
  });

  /** The class and message of the terminal error, as the Web UI shows them. */
  async function failure(input: RefreshInput) {
    return failureOf(await harness.start(input));
  }

  async function failureOf(handle: {
    result(): Promise<unknown>;
  }): Promise<{ type: string; message: string }> {
    try {
      await handle.result();
    } catch (error) {
      let cause = error as { cause?: unknown; type?: string; message: string };
      while (cause.cause !== undefined && cause.type === undefined) cause = cause.cause as typeof cause;
      return { type: String(cause.type), message: cause.message };
    }
    throw new Error('the run did not fail');
  }

  const definitions: [string, string, Overrides, RegExp[]][] = [
    ['a table that does not exist', 'TableNotFound', { source: { table: 'nowhere' } }, [/nowhere/]],
    [
      'a bucket that does not exist',
      'BucketNotFound',
      { staging: { bucket: 'no-such-bucket' } },
      [/no-such-bucket/],
    ],
    [
      'a workgroup that does not exist',
      'WarehouseNotFound',
      { warehouse: { workgroup: 'no-such-workgroup' } },
      [/no-such-workgroup/],
    ],
    [
      'a database that does not exist',
      'WarehouseNotFound',
      { warehouse: { database: 'no_such_database' } },
      [/no_such_database/],
    ],
    [
      'a role that no one has',
      'CopyRefused',
      { warehouse: { iamRole: 'arn:aws:iam::000000000000:role/no-one-has-it' } },
      [/role/i],
    ],
  ];
  test.each(definitions)(
    '%s: a terminal %s that says what to do, nothing replaced',
    async (_, type, overrides, words) => {
      const { pipeline, schema } = harness.define(table, overrides);
      const failed = await failure({ pipeline });
      expect(failed.type).toBe(type);
      for (const word of words) expect(failed.message).toMatch(word);
      expect(await harness.tablesOf(schema)).toEqual([]);
    },
  );

  test('an unknown pipeline is refused', async () => {
    const failed = await failure({ pipeline: 'nowhere' });
    expect(failed).toMatchObject({ type: 'UnknownPipeline', message: expect.stringContaining('nowhere') });
  });

  const workflows = [
    'refreshWarehouse',
    'extractSegment',
    'loadTable',
    'inferSchema',
    'inferSegment',
    'rollbackWarehouse',
    'listBackups',
    'pruneRuns',
    'checkPipeline',
    'planPipeline',
    'removeLeftovers',
  ];
  test.each(workflows)('%s refuses an unknown key, and missing input', async (workflow) => {
    const start = async (...args: unknown[]) =>
      failureOf(
        await harness.client.workflow.start(workflow, {
          taskQueue: CONTROL_TASK_QUEUE,
          workflowId: uniqueName('refused'),
          args,
        }),
      );
    expect(await start({ pipelin: 'nowhere' })).toEqual({
      type: 'BadInput',
      message: expect.stringContaining('does not know the key "pipelin"'),
    });
    for (const args of [[], [null], ['nowhere']]) {
      expect(await start(...args)).toEqual({
        type: 'BadInput',
        message: expect.stringContaining('one JSON object'),
      });
    }
  });

  test('a mistyped option fails a run before it does more than it was asked for', async () => {
    const { pipeline, schema } = harness.define(table);
    const failed = await failure({ pipeline, To: 'extract' } as RefreshInput);
    expect(failed).toMatchObject({
      type: 'BadInput',
      message: expect.stringContaining('from, to, replay'),
    });
    expect(await harness.tablesOf(schema)).toEqual([]);
  });

  test('a definition of the wrong shape is refused', async () => {
    const { pipeline } = harness.define(table);
    const failed = await failure({
      pipeline,
      definition: { source: { kind: 'dynamodb', tabel: 'x' } } as never,
    });
    expect(failed).toMatchObject({ type: 'BadInput', message: expect.stringContaining('tabel') });
  });

  test('an unknown phase, phases in the wrong order, and a phase without a run are refused', async () => {
    const { pipeline } = harness.define(table);
    expect(await failure({ pipeline, from: 'lode' as never, run: 'x' })).toMatchObject({
      type: 'BadInput',
      message: expect.stringContaining('plan, extract, seal'),
    });
    expect(await failure({ pipeline, run: 'x', from: 'load', to: 'seal' })).toMatchObject({
      type: 'BadInput',
    });
    expect(await failure({ pipeline, from: 'seal' })).toMatchObject({
      type: 'BadInput',
      message: expect.stringContaining('run'),
    });
    expect(await failure({ pipeline, run: 'never_was', from: 'seal' })).toMatchObject({
      type: 'RunNotFound',
    });
  });

  test('a run cannot be sealed before it is extracted, nor loaded before it is sealed', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 3 } });
    const { run } = await (await harness.start({ pipeline, to: 'plan' })).result();
    expect(await failure({ pipeline, run, from: 'seal' })).toMatchObject({
      type: 'SegmentsNotExtracted',
      message: expect.stringContaining('0, 1, 2'),
    });
    expect(await failure({ pipeline, run, from: 'load' })).toMatchObject({ type: 'RunNotSealed' });
  });

  test('a segment that the run does not have is not loaded', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 2 } });
    const { run } = await (await harness.start({ pipeline, to: 'prepare' })).result();
    const load = await harness.client.workflow.start<typeof loadTable>('loadTable', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('load'),
      args: [{ pipeline, run, table, segments: [0, 9] }],
    });
    expect(await failureOf(load)).toMatchObject({
      type: 'SegmentOutOfRange',
      message: expect.stringContaining('there is no segment 9'),
    });
  });

  test('a truncated file of the run is named', async () => {
    const { pipeline, definition } = harness.define(table, { source: { segments: 1 } });
    const { run } = await (await harness.start({ pipeline, to: 'seal' })).result();
    const key = manifestKey({ prefix: definition.staging.prefix, pipeline, run });
    const { body } = (await harness.store.get(key))!;
    await harness.store.put(key, Buffer.from(body).toString('utf8').slice(0, -20));
    expect(await failure({ pipeline, run, from: 'prepare' })).toMatchObject({
      type: 'DamagedFile',
      message: expect.stringContaining(`${key} is not JSON`),
    });
  });

  test('a new run cannot take the name of an existing one', async () => {
    const { pipeline } = harness.define(table);
    const { run } = await (await harness.start({ pipeline, to: 'plan' })).result();
    expect(await failure({ pipeline, run })).toMatchObject({
      type: 'RunExists',
      message: expect.stringContaining('from'),
    });
  });

  test('a table that was deleted and recreated is not mixed with the planned one', async () => {
    const twice = uniqueName('items');
    await harness.createTable(twice, [{ pk: { S: 'old' }, sk: { S: 'b' } }]);
    const { pipeline } = harness.define(twice, { source: { segments: 1 } });
    const { run } = await (await harness.start({ pipeline, to: 'plan' })).result();
    await harness.dynamodb.send(new DeleteTableCommand({ TableName: twice }));
    await harness.createTable(twice, [{ pk: { S: 'new' }, sk: { S: 'b' } }]);
    const segment = await harness.client.workflow.start<typeof extractSegment>('extractSegment', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('segment'),
      args: [{ pipeline, run, segment: 0 }],
    });
    expect(await failureOf(segment)).toMatchObject({
      type: 'TableRecreated',
      message: expect.stringContaining(`tributary run ${pipeline}`),
    });
    expect(await failure({ pipeline, run, from: 'seal' })).toMatchObject({ type: 'SegmentsNotExtracted' });
  });

  test('a live schema with tables that Tributary did not create is left alone', async () => {
    const { pipeline, schema } = harness.define(table);
    await harness.sql(`CREATE SCHEMA "${schema}"`, `CREATE TABLE "${schema}"."theirs" ("a" INTEGER)`);
    expect(await failure({ pipeline })).toMatchObject({
      type: 'ForeignSchema',
      message: expect.stringContaining('theirs'),
    });
    expect(await harness.tablesOf(schema)).toEqual(['theirs']);
  });

  test("another pipeline's live schema is left alone", async () => {
    const first = harness.define(table);
    await (await harness.start({ pipeline: first.pipeline })).result();
    const second = harness.define(table, { warehouse: { schema: first.schema } });
    expect(await failure({ pipeline: second.pipeline })).toMatchObject({
      type: 'OtherPipeline',
      message: expect.stringContaining(first.pipeline),
    });
  });

  test('an empty live schema is filled, and an empty table becomes an empty live table', async () => {
    const empty = uniqueName('empty');
    await createTable(harness.dynamodb, empty);
    const { pipeline, schema } = harness.define(empty);
    await harness.sql(`CREATE SCHEMA "${schema}"`);
    expect(await (await harness.start({ pipeline })).result()).toMatchObject({
      status: 'replaced',
      items: 0,
    });
    expect(await harness.tablesOf(schema)).toEqual([empty]);
    expect(await harness.rowsOf(schema, empty)).toEqual([]);
  });

  test('an item whose key VARCHAR cannot hold is set aside, and stops the run unless rejects are allowed', async () => {
    const hostile = uniqueName('hostile');
    await harness.createTable(hostile, [
      { pk: { S: 'innocent' }, sk: { S: '1' } },
      { pk: { S: 'nul\u0000' }, sk: { S: '2' } },
    ]);
    const strict = harness.define(hostile);
    expect(await failure({ pipeline: strict.pipeline })).toMatchObject({
      type: 'TooManyRejects',
      message: expect.stringContaining('U+0000'),
    });
    expect(await harness.tablesOf(strict.schema)).toEqual([]);
    const lenient = harness.define(hostile, { maxRejects: 1 });
    const result = await (await harness.start({ pipeline: lenient.pipeline })).result();
    expect(result).toMatchObject({ status: 'replaced', items: 2, rejects: 1 });
    expect(await harness.rowsOf(lenient.schema, hostile)).toEqual([{ pk: 'innocent', sk: '1' }]);
  });
});
