import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { findPart } from '../../../local/parts/find-part.ts';
import { temporal } from '../../../local/parts/temporal.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { testStack } from '../setup/stack.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const run = promisify(execFile);

describe('phases', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  let plansHeld: Promise<void> | undefined;

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
    const store = (bucket: string): ObjectStore => {
      const real = harness.dependencies.store(bucket);
      const get: ObjectStore['get'] = async (key, options) => {
        if (key.endsWith('/plan.json')) await plansHeld;
        return real.get(key, options);
      };
      return { ...real, get };
    };
    await harness.startWorkers({ ...harness.dependencies, store });
  });

  test('a run whose files take long to read is opened, because the attempt heartbeats', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 1 } });
    await (await harness.start({ pipeline, run: 'slow', to: 'extract' })).result();
    let resume = () => {};
    plansHeld = new Promise((resolve) => {
      resume = resolve;
    });
    const handle = await harness.start({ pipeline, run: 'slow', from: 'seal', to: 'seal' });
    try {
      await until(
        async () => (await handle.describe()).raw.pendingActivities ?? [],
        ([activity]) => activity?.lastHeartbeatTime != null,
      );
    } finally {
      resume();
    }
    expect(await handle.result()).toMatchObject({ items: 1680 });
  });

  const counts = async (schema: string) => {
    const counted = await Promise.all(
      (await harness.tablesOf(schema)).map(async (name) => {
        const [row] = await harness.sql(`SELECT count(*) AS n FROM "${schema}"."${name}"`);
        return [name.slice(table.length), row?.n];
      }),
    );
    return Object.fromEntries(counted);
  };
  const nobelCounts = { '': 1680, __laureates: 1012, __prizes: 1012, __prizes__affiliations: 1094 };

  test('the stock temporal CLI starts a run by the name of its pipeline', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const { stdout } = await run((await findPart(temporal, { log: () => {} })).path, [
      'workflow',
      'execute',
      '--task-queue',
      'tributary',
      '--type',
      'refreshWarehouse',
      '--input',
      JSON.stringify({ pipeline }),
      '--workflow-id',
      uniqueName('by-cli'),
      '--address',
      testStack().temporal.address,
      '--namespace',
      harness.namespace,
      '--output',
      'json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'COMPLETED',
      result: { status: 'replaced', items: 1680 },
    });
    expect(await counts(schema)).toEqual(nobelCounts);
  });

  test('another workflow continues from seal a run that stopped after extract', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 3 } });
    const first = await (await harness.start({ pipeline, to: 'extract' })).result();
    expect(first).toMatchObject({ status: 'extract', items: 1680 });
    expect(await harness.tablesOf(schema)).toEqual([]);
    const second = await (await harness.start({ pipeline, run: first.run, from: 'seal' })).result();
    expect(second).toMatchObject({ run: first.run, status: 'replaced', items: 1680 });
    expect(await counts(schema)).toEqual(nobelCounts);
  });

  test('each phase of an existing run can be started alone, and twice', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const { run: name } = await (await harness.start({ pipeline, to: 'plan' })).result();
    for (const phase of [
      'extract',
      'seal',
      'prepare',
      'load',
      'load',
      'verify',
      'verify',
      'replace',
    ] as const) {
      const result = await (await harness.start({ pipeline, run: name, from: phase, to: phase })).result();
      expect(result).toMatchObject({ run: name, status: phase === 'replace' ? 'replaced' : phase });
    }
    expect(await counts(schema)).toEqual(nobelCounts);
  });

  test('a segment and a table can run alone, without a parent', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const { run: name } = await (await harness.start({ pipeline, to: 'plan' })).result();
    const alone = (type: string, input: object) =>
      harness.client.workflow.execute(type, {
        taskQueue: 'tributary',
        workflowId: uniqueName(type),
        args: [{ pipeline, run: name, ...input }],
      });
    const [a, b] = await Promise.all([0, 1].map((segment) => alone('extractSegment', { segment })));
    expect((a as { items: number }).items + (b as { items: number }).items).toBe(1680);
    await expect(alone('extractSegment', { segment: 2 })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('has segments 0 to 1') },
    });
    await (await harness.start({ pipeline, run: name, from: 'seal', to: 'prepare' })).result();
    await alone('loadTable', { table: `${table}__prizes`, segments: [0] });
    expect(await alone('loadTable', { table: `${table}__prizes` })).toMatchObject({ rows: 1012 });
    await (await harness.start({ pipeline, run: name, from: 'load' })).result();
    expect(await counts(schema)).toEqual(nobelCounts);
  });

  test('a second refresh replaces the first, and its schema is kept as a backup', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const first = await (await harness.start({ pipeline })).result();
    const second = await (await harness.start({ pipeline })).result();
    const third = await (await harness.start({ pipeline })).result();
    const schemas = await harness.sql(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '${schema}%' ORDER BY nspname`,
    );
    expect(schemas.map(({ name }) => name)).toEqual([schema, `${schema}__${second.run}_backup`]);
    expect(first.run).not.toBe(third.run);
    const [marker] = await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`);
    expect(marker).toEqual({ run: third.run });
  });

  test('an older run does not replace a newer one unless asked to', async () => {
    const { pipeline, schema } = harness.define(table, { source: { segments: 2 } });
    const older = await (await harness.start({ pipeline, to: 'verify' })).result();
    await (await harness.start({ pipeline })).result();
    const late = await harness.start({ pipeline, run: older.run, from: 'replace' });
    await expect(late.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('older') },
    });
    const forced = await harness.start({ pipeline, run: older.run, from: 'replace', older: true });
    expect(await forced.result()).toMatchObject({ status: 'replaced' });
    expect(await counts(schema)).toEqual(nobelCounts);
  });
});
