import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { stringify } from 'yaml';
import { createTable, loadItems, nobelItems } from '../../../local/demo/nobel.ts';
import type { Item } from '../../../src/pipeline/attribute.ts';
import { runDirectory } from '../../../src/pipeline/run-directory.ts';
import { testStack } from '../setup/stack.ts';
import { comparable, expectedTables } from './expected-tables.ts';
import { Harness, type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../../src/workers/main.ts', import.meta.url));

describe('a worker killed with SIGKILL', () => {
  let harness: Harness;
  let directory: string;
  const table = uniqueName('nobel');
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    harness = await Harness.start();
    directory = mkdtempSync(join(tmpdir(), 'tributary-worker-'));
    await createTable(harness.dynamodb, table);
    await loadItems(harness.dynamodb, table, nobelItems());
  });
  afterEach(() => Promise.all(workers.splice(0).map(kill)));
  afterAll(async () => {
    await harness?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A worker as its own process, as on a host of its own. */
  function startWorker(pipeline: TestPipeline): ChildProcess {
    const config = join(directory, `${pipeline.pipeline}.yaml`);
    writeFileSync(config, stringify({ pipelines: { [pipeline.pipeline]: pipeline.definition } }));
    const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      env: {
        ...process.env,
        ...harness.environment,
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
        TRIBUTARY_CONFIG: config,
      },
      stdio: 'ignore',
    });
    workers.push(worker);
    return worker;
  }

  async function kill(worker: ChildProcess): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
  }

  async function expectWhole({ schema }: TestPipeline): Promise<void> {
    const expected = expectedTables(table, ['pk', 'sk'], nobelItems() as unknown as Item[]);
    expect(await harness.tablesOf(schema)).toEqual([...expected.keys()].sort());
    for (const [name, rows] of expected) {
      expect(comparable(await harness.rowsOf(schema, name))).toEqual(comparable(rows));
    }
  }

  async function keysOf(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of harness.store.list(prefix)) keys.push(key);
    return keys;
  }

  test('in the middle of extraction: another goes on from the last checkpoints', async () => {
    const nobel = harness.define(table, {
      // Slow enough to be met half-way: every page is a cut, and pages have to wait for read units.
      source: { segments: 2, readUnitsPerSecond: 60 },
      staging: { cutBytes: 1 },
    });
    const handle = await harness.start({ pipeline: nobel.pipeline, run: 'killed' });
    const first = startWorker(nobel);
    const { bucket: _, ...staging } = nobel.definition.staging;
    const segments = `${runDirectory({ ...staging, pipeline: nobel.pipeline, run: 'killed' })}/segments/`;
    const before = await until(
      () => keysOf(segments),
      (keys) => keys.length > 0,
    );
    await kill(first);
    startWorker(nobel);
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1680 });
    expect(await keysOf(segments)).toEqual(expect.arrayContaining(before));
    await expectWhole(nobel);
  }, 120_000);

  test('in the middle of a COPY: another finishes, and nothing is loaded twice', async () => {
    const nobel = harness.define(table, { source: { segments: 2 } });
    const preparing = await harness.start({ pipeline: nobel.pipeline, run: 'stuck', to: 'prepare' });
    const first = startWorker(nobel);
    await preparing.result();
    // Somebody's lock holds the loads up after their COPY, before their ledger rows: begun, and unable to end.
    const ledger = `"${nobel.schema}__stuck_1"."_tributary_ledger"`;
    const blocker = new pg.Client({ connectionString: testStack().postgres.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE ${ledger} IN SHARE MODE`);
    const handle = await harness.start({ pipeline: nobel.pipeline, run: 'stuck', from: 'load' });
    const waiting = 'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
    await until(
      async () => (await blocker.query(waiting, [ledger])).rows[0].n as number,
      (n) => n === 4,
    );
    await kill(first);
    startWorker(nobel);
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: 1680 });
    await expectWhole(nobel);
    const loaded = await harness.sql(
      `SELECT count(*) AS files, count(DISTINCT file_key) AS different FROM "${nobel.schema}"._tributary_ledger`,
    );
    expect(loaded[0]?.files).toBe(loaded[0]?.different);
  }, 120_000);
});
