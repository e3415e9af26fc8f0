import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { hasEnded, type Warehouse } from '../../../src/clients/warehouse.ts';
import { type Progress, QUERY_PROGRESS, RETRY_TABLE } from '../../../src/contract/refresh.ts';
import { ROOT } from '../../../src/pipeline/item/path.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { tableFolder } from '../../../src/pipeline/run/segments/part-key.ts';
import { decompress } from '../../../src/store/part-buffer.ts';
import { command } from '../cli/command-line.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const ITEMS = 60;
const items = Array.from({ length: ITEMS }, (_, i) => ({
  pk: { S: `p${i}` },
  sk: { S: 's' },
  n: { N: String(1000 + i) },
  tags: { SS: ['a', 'b'] },
}));

describe('rows that COPY refuses', () => {
  const harness = withHarness();
  const table = uniqueName('items');

  beforeAll(async () => {
    await harness.createTable(table, items);
  });

  /** A prepared run, one of whose part files was changed in S3 after its manifest was written. */
  async function damagedRun(of = table) {
    const { pipeline, schema, definition } = harness.define(of, { source: { segments: 3 }, maxRejects: 1 });
    const run = uniqueName('run');
    await (await harness.start({ pipeline, run, to: 'prepare' })).result();
    const keys: string[] = [];
    const directory = runDirectory({ prefix: definition.staging.prefix, pipeline, run });
    for await (const { key } of harness.store.list(`${directory}/data/${tableFolder(ROOT)}/`)) keys.push(key);
    const key = keys.find((each) => each.includes('/00001-')) as string;
    const { body } = (await harness.store.get(key))!;
    const lines = (await decompress(key, body)).trimEnd().split('\n');
    const bad = lines.findIndex((line) => line.includes('"s"') && line.includes('"10'));
    const pk = /"(p\d+)"/.exec(lines[bad]!)?.[1] as string;
    lines[bad] = lines[bad]!.replace(/"(10\d\d)"/, '"1o$1"');
    const text = Buffer.from(`${lines.join('\n')}\n`);
    await harness.store.put(key, await promisify(zlib.zstdCompress)(text));
    return {
      pipeline,
      schema,
      run,
      key,
      line: bad + 1,
      pk,
      fix: () => harness.store.put(key, body),
    };
  }

  async function parked(pipeline: string, run: string) {
    const handle = await harness.start({ pipeline, run, from: 'load' });
    const progress = await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    return { handle, error: progress.load?.unfinished[0]?.error ?? '', progress };
  }

  test('are reported for a run whose manifest names them in the directory of an earlier one', async () => {
    const stop = await harness.startWorkers();
    const withReject = uniqueName('items');
    await harness.createTable(withReject, [...items, { pk: { S: 'key\0' }, sk: { S: 's' } }]);
    const { pipeline, run, key, line } = await damagedRun(withReject);
    await (await harness.start({ pipeline, run: 'later', replay: run, to: 'prepare' })).result();
    const { handle, error } = await parked(pipeline, 'later');
    expect(error).toContain(`line ${line} of s3://${harness.store.bucket}/${key}, column n (`);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
    await stop();
  });

  /** Within two seconds of a failure, the Data API's client token returns the same failure: then retry again. */
  const retryUntilDone = (handle: WorkflowHandle) =>
    until(
      async () => {
        const { name } = (await handle.describe()).status;
        const waiting =
          name === 'RUNNING' && (await handle.query<Progress>(QUERY_PROGRESS)).state === 'waiting';
        if (waiting) await handle.signal(RETRY_TABLE);
        return name;
      },
      (name) => name !== 'RUNNING',
    );

  test('are reported with file, line, column, value and reason; after the fix, only what is missing is loaded', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, schema, run, key, line, pk, fix } = await damagedRun();
    // The files of the other segments are loaded before.
    await harness.client.workflow.execute('loadTable', {
      taskQueue: 'tributary',
      workflowId: uniqueName('load'),
      args: [{ pipeline, run, table, segments: [0, 2] }],
    });
    const loads = () =>
      harness.sql(
        `SELECT file_key, load_id FROM "${schema}__${run}_1"."_tributary_ledger" WHERE table_name = '${table}' ORDER BY file_key`,
      );
    const before = await loads();
    expect(before.length).toBeGreaterThan(0);

    const { handle, error, progress } = await parked(pipeline, run);
    expect(progress.load).toMatchObject({ failed: 1, settled: 1 });
    const place = `line ${line} of s3://${harness.store.bucket}/${key}, column n (`;
    expect(error).toContain(place);
    expect(error).toMatch(new RegExp(`^line .*, value '1o10\\d\\d', item pk='${pk}', sk='s': `));
    expect(error).toContain('nothing of this load is in the warehouse');
    expect(await loads()).toEqual(before);
    const shown = await command(['status', handle.workflowId], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
    expect(shown.code).toBe(3);
    expect(shown.stdout.replace(/\s+/g, ' ')).toContain(`line ${line} of s3://`);
    const report = await until(
      async () => {
        const found = await harness.store.get(`test-runs/${pipeline}/runs/${run}/report.json`);
        return JSON.parse(Buffer.from(found!.body).toString()) as { unfinished: { error: string }[] };
      },
      ({ unfinished }) => unfinished?.length === 1,
    );
    expect(report.unfinished[0]?.error).toContain(place);

    await fix();
    await retryUntilDone(handle);
    expect(await handle.result()).toMatchObject({ status: 'replaced', items: ITEMS });
    expect(await harness.rowsOf(schema, table)).toHaveLength(ITEMS);
    const after = await harness.sql(
      `SELECT file_key, load_id FROM "${schema}"."_tributary_ledger" WHERE table_name = '${table}' ORDER BY file_key`,
    );
    expect(after).toEqual(expect.arrayContaining([...before]));
    const added = after.filter(({ file_key: file }) => !before.some((each) => each.file_key === file));
    expect(added.map((each) => each.file_key)).toEqual([key]);
    await stop();
  });

  test('are reported with the value from the part file if Redshift does not show it', async () => {
    const blind = (real: Warehouse): Warehouse => ({
      ...real,
      submit: (statements, options) =>
        real.submit(
          statements.map((sql) => sql.replace('FROM stl_load_errors', 'FROM not_for_this_user')),
          options,
        ),
    });
    const stop = await harness.startWorkers({
      ...harness.dependencies,
      warehouse: (target) => blind(harness.dependencies.warehouse(target)),
    });
    const { pipeline, run, line, pk } = await damagedRun();
    const { handle, error } = await parked(pipeline, run);
    expect(error).toMatch(new RegExp(`line ${line} of .*, value '1o10\\d\\d', item pk='${pk}'`));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    await stop();
  });

  test('of a file that no longer decompresses are reported in the words of Redshift', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, run, key, fix } = await damagedRun();
    await harness.store.put(key, Buffer.from('no zstd frame'));
    const { handle, error } = await parked(pipeline, run);
    expect(error).toMatch(/zstd|decompress|compress/i);
    await fix();
    await retryUntilDone(handle);
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
    await stop();
  });

  test('are reported the same way for a table whose name looks like an error', async () => {
    const stop = await harness.startWorkers();
    const named = uniqueName('AccessDenied');
    await harness.createTable(named, items);
    const { pipeline, run, line, pk } = await damagedRun(named);
    const { handle, error } = await parked(pipeline, run);
    expect(error).toMatch(new RegExp(`line ${line} of .*, value '1o10\\d\\d', item pk='${pk}'`));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
    await stop();
  });

  test('of a file that was removed are reported with its name; a retry cannot help, a new run can', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, run, key } = await damagedRun();
    await harness.store.delete([key]);
    const { handle, error } = await parked(pipeline, run);
    expect(error).toContain(
      `A file of the run was removed before COPY read it. It is s3://${harness.store.bucket}/${key}.`,
    );
    expect(error).toContain('start a new one');
    expect(error).not.toContain('then retry');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('cancelled');
    await stop();
  });

  test('cannot even be read from a bucket in another region: the run ends at once, and names warehouse.region', async () => {
    // What the Data API answers on Redshift; the local S3 has no regions.
    const error =
      'ERROR: S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. ' +
      'Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect,Rid 0000000000000000,CanRetry 1';
    const elsewhere = (real: Warehouse): Warehouse => {
      const probes = new Set<string>();
      return {
        ...real,
        async submit(statements, options) {
          const id = await real.submit(statements, options);
          if (statements.some((sql) => sql.startsWith('COPY '))) probes.add(id);
          return id;
        },
        async describe(id, options) {
          const state = await real.describe(id, options);
          return probes.has(id) && hasEnded(state)
            ? { status: 'FAILED', error, createdAtMs: Date.now(), failedStatement: 2 }
            : state;
        },
      };
    };
    const stop = await harness.startWorkers({
      ...harness.dependencies,
      warehouse: (target) => elsewhere(harness.dependencies.warehouse(target)),
    });
    const { pipeline } = harness.define(table);
    const handle = await harness.start({ pipeline });
    const failure = await handle.result().then(
      () => undefined,
      (thrown: { cause: { type: string; message: string } }) => thrown.cause,
    );
    expect(failure?.type).toBe('CopyRefused');
    expect(failure?.message).toMatch(
      /^Failed in plan: The bucket is in another region than the warehouse\. Set `warehouse\.region`/,
    );
    await stop();
  });
});
