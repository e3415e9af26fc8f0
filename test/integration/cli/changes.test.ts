import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { ChangesView } from '../../../src/cli/changes/changes-view.ts';
import { FollowedTable } from '../changes/followed-table.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

describe('changes of a table, by their commands', () => {
  const harness = withHarness();
  const file = join(harness.directory(), 'tributary.yaml');
  const followed = new FollowedTable(harness);
  const { pipeline } = followed;

  const changes = (...words: string[]) => tributary('changes', ...words);
  const tributary = (...words: string[]) =>
    command([...words, '--config', file], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  const status = async () => JSON.parse((await changes('status', pipeline, '--json')).stdout) as ChangesView;

  beforeAll(async () => {
    await followed.create();
    const { source, staging, warehouse } = followed.known.definition;
    const { workgroup, database, schema, iamRole, kind } = warehouse;
    const written = {
      source: { kind: 'dynamodb', table: source.table, changes: { kind: 'streams', cutSeconds: 1 } },
      staging: { bucket: staging.bucket, prefix: staging.prefix },
      warehouse: { kind, workgroup, database, schema, iamRole },
    };
    const quiet = { ...written, source: { kind: 'dynamodb', table: 'quiet' } };
    writeFileSync(
      file,
      stringify({
        pipelines: {
          [pipeline]: written,
          quiet: { ...quiet, warehouse: { ...written.warehouse, schema: 'quiet' } },
        },
      }),
    );
  });

  test('before they are started, the status says so and how to start them; orders are refused likewise', async () => {
    const { code, stdout } = await changes('status', pipeline);
    expect(code).toBe(1);
    expect(stdout).toContain('not started');
    expect(stdout).toContain(`npx tributary changes start ${pipeline} --config ${file}`);
    const refused = await changes('pause', pipeline);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('It does not run');
  });

  test('a pipeline that does not follow its table, and one that is unknown, are refused', async () => {
    expect(await changes('start', 'quiet')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not follow its table'),
    });
    expect(await changes('start', `${pipeline}x`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`did you mean "${pipeline}"`),
    });
    expect(await changes('pause', pipeline, '--destination', 'warehous')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "warehouse"'),
    });
  });

  test('they are started once, without a worker, which the command notes', async () => {
    const first = await changes('start', pipeline);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`started: reading changes of ${followed.table}`),
    });
    expect(first.stdout).toContain(`started: applying changes of ${followed.table} to warehouse`);
    expect(first.stderr).toContain('No worker is polling the task queue');
    const second = await changes('start', pipeline);
    expect(second.stdout).toContain('already running: reading');
  });

  test('with a worker they are read; a schema that was never loaded waits for a refresh', async () => {
    await harness.startWorkers();
    await followed.put('a');
    const view = await until(
      status,
      ({ shards, destinations: [one] }) => shards?.open === 1 && one?.state === 'waiting for a refresh',
    );
    expect(view).toMatchObject({ state: 'following', gaps: [], destinations: [{ code: 'NothingLive' }] });
    const { code, stdout } = await changes('status');
    expect(code).toBe(3);
    expect(stdout).toContain('waiting for a refresh');
  });

  test('the status has the iterator age of each shard, and how often the stream’s limits were met', async () => {
    const error = 'ProvisionedThroughputExceededException';
    await followed.control('faults', { operation: 'GetRecords', times: 2, error });
    // Its age is 0 once it has received everything, and the change counts once it is in the log.
    const { reading } = await until(status, (view) => {
      const shard = view.reading?.[0];
      return shard?.iteratorAgeSeconds === 0 && (shard.limitHits ?? 0) >= 2 && shard.changes === 1;
    });
    expect(reading).toEqual([
      { shard: expect.stringMatching(/^shardId-/), iteratorAgeSeconds: 0, limitHits: 2, changes: 1 },
    ]);
    await until(
      () => changes('status', pipeline),
      ({ stdout }) => /^iterator age 0.*, 2 calls refused because of the stream’s limits$/m.test(stdout),
    );
  });

  test('the status of runs shows them, too', async () => {
    // Temporal's list may lag behind each of them.
    const both = ['following: 1 shard read', 'waiting for a refresh: NothingLive'];
    const { stdout } = await until(
      () => tributary('status'),
      (found) => both.every((text) => found.stdout.includes(text)),
    );
    expect(stdout).toMatch(new RegExp(`changes/${pipeline} +following: 1 shard read`));
    expect(stdout).toMatch(new RegExp(`apply/${pipeline}/warehouse +waiting for a refresh`));
  });

  test('the reading is paused and resumed, and so is a destination', async () => {
    expect(await changes('pause', pipeline, '--reading', '--reason', 'test')).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ state: 'paused', why: 'test' });
    expect(await changes('resume', pipeline, '--reading')).toMatchObject({ code: 0 });
    expect(await changes('pause', pipeline, '--reason', 'closed')).toMatchObject({ code: 0 });
    const paused = await status();
    expect(paused.destinations).toMatchObject([{ state: 'paused', why: 'closed' }]);
    expect(await changes('resume', pipeline)).toMatchObject({ code: 0 });
    await until(status, ({ state, destinations: [one] }) => state === 'following' && one?.state !== 'paused');
  });

  test('what did not fail is not tried again', async () => {
    const { code, stdout } = await changes('retry', pipeline);
    expect(code).toBe(0);
    expect(stdout).toContain(`${pipeline} to warehouse: `);
  });

  test('they are stopped', async () => {
    const { code, stdout } = await changes('stop', pipeline);
    expect(code).toBe(0);
    expect(stdout).toContain(`stopped: applying changes of ${followed.table} to warehouse`);
    expect(stdout).toContain(`stopped: reading changes of ${followed.table}`);
    await until(status, ({ state, destinations: [one] }) => state === 'stopped' && one?.state === 'stopped');
  });

  test('a destination is removed, even if nothing runs', async () => {
    expect(await changes('remove', pipeline)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--destination'),
    });
    const { code, stdout } = await changes('remove', pipeline, '--destination', 'warehouse');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`${pipeline} to warehouse: removed: .*configuration`)),
    });
    await until(status, ({ destinations: [one] }) => one?.state === 'removed');
  });
});
