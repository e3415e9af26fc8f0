import { afterEach, describe, expect, test } from '@jest/globals';
import { type ApplyProgress, applyWorkflowId } from '../../../src/contract/changes/changes.ts';
import { QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { readGaps } from '../../../src/store/changes/log-files.ts';
import { setRecovery } from '../exports/table.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { WorkerProcesses } from '../pipeline/worker-process.ts';
import { testStack } from '../setup/stack.ts';
import { ExportedTable } from './exported-table.ts';
import { FollowedTable, idsOf } from './followed-table.ts';
import { untilHealthy } from './until-healthy.ts';

const harness = withHarness();
const workers = new WorkerProcesses(harness);
let stopWorkers: () => Promise<void> = async () => {};
const startWorkers = async () => {
  stopWorkers = await harness.startWorkers();
};
afterEach(async () => {
  await stopWorkers();
  await workers.endAll();
});

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const source = (some: object = {}) => ({
  ...{ kind: 'dynamodb-export', bucket: testStack().s3.bucket, prefix: uniqueName('exports') },
  ...some,
});

const applyProgress = (pipeline: string) =>
  harness.client.workflow
    .getHandle(applyWorkflowId(pipeline, 'warehouse'))
    .query<ApplyProgress, []>(QUERY_PROGRESS);

const refresh = async (pipeline: string) => {
  const result = await (await harness.start({ pipeline })).result();
  expect(result.status).toBe('replaced');
};

describe('exports of a table', () => {
  test('make live equal to the table, window after window, also if workers are killed', async () => {
    const table = await new ExportedTable(harness).begin();
    let worker = workers.start(table.known);
    for (const id of numbered('i', 20)) await table.write(id);
    await table.refresh();
    await table.untilEqual();
    await table.pass(5);
    // Inserts, updates and deletes; the same key in two windows.
    for (const id of numbered('new', 5)) await table.write(id);
    for (const id of numbered('i', 6)) await table.write(id);
    await table.erase('i7');
    await table.pass();
    await table.untilWindows(2);
    await workers.end(worker);
    for (const id of numbered('i', 3)) await table.write(id, { more: { S: 'a new column' } });
    await table.write('i7');
    await table.erase('new1');
    await table.pass(40 * 60);
    worker = workers.start(table.known);
    await until(
      () => table.keys(),
      (keys) => keys.filter((key) => /\/export-\d{8}\.json$/.test(key)).length === 3,
    );
    await workers.end(worker);
    workers.start(table.known);
    await table.untilEqual();
    expect(await table.progress()).toMatchObject({ kind: 'exports', gaps: [], failed: 0 });
    await untilHealthy(() => applyProgress(table.pipeline));
  });

  test('leave a gap if recovery is disabled, which a run clears', async () => {
    const table = await new ExportedTable(harness).begin();
    await startWorkers();
    for (const id of numbered('i', 5)) await table.write(id);
    await table.refresh();
    await table.setRecovery(false);
    await table.write('lost');
    await table.erase('i0');
    await table.untilProgress(({ trouble }) => trouble?.code === 'RecoveryDisabled');
    await table.setRecovery(true);
    await table.untilProgress(({ gaps }) => gaps.length > 0);
    await until(
      () => applyProgress(table.pipeline),
      ({ needsRefresh }) => needsRefresh?.code === 'ChangesLost',
    );
    await table.pass(5);
    await table.write('i1');
    await table.pass();
    await table.untilWindows(3);
    expect((await table.live()).has('lost')).toBe(false);
    await table.refresh();
    await table.untilEqual();
    await table.write('later');
    await table.pass();
    await table.untilEqual();
    await untilHealthy(() => applyProgress(table.pipeline));
  });

  test('bring forward a run that has read a full export', async () => {
    const table = await new ExportedTable(harness, {}, { source: source({ request: true }) }).begin();
    await startWorkers();
    for (const id of numbered('i', 8)) await table.write(id);
    await table.start();
    await table.untilProgress(({ epoch }) => epoch !== '');
    await table.pass();
    await table.untilWindows(1);
    await table.write('i1');
    await refresh(table.pipeline);
    await table.untilEqual();
    for (const id of numbered('i', 4)) await table.write(id);
    await table.erase('i6');
    await table.pass();
    await table.untilEqual();
    expect((await table.live()).size).toBe(7);
  });
});

describe('a run that reads a full export while a stream is followed', () => {
  test('begins in the log before the export, and is refused if the export is older than the log', async () => {
    const changes = { kind: 'streams', cutSeconds: 0.2, settleSeconds: 1 };
    const overrides = { warehouse: { applySeconds: 1 } };
    const asked = source({ request: true });
    const table = await new FollowedTable(
      harness,
      {},
      { ...overrides, source: { ...asked, changes } },
    ).create();
    await setRecovery(harness.dynamodb, table.table);
    const late = harness.define(table.table, {
      ...overrides,
      source: { ...asked, request: false, changes },
    });
    await startWorkers();
    await table.put('before');
    await refresh(table.pipeline);
    await table.put('after');
    await table.remove('before');
    await until(
      () => harness.sql(`SELECT "id" FROM "${table.known.schema}"."${table.table}"`),
      (rows) => JSON.stringify(rows.map(({ id }) => id)) === '["after"]',
    );
    // Its own log begins now, after the export.
    const failure = await (await harness.start({ pipeline: late.pipeline })).result().then(
      () => 'no failure',
      (error: Error) => JSON.stringify([error.cause, (error.cause as Error).cause]),
    );
    expect(failure).toContain('ExportTooOld');
  });
});

describe('a pipeline whose kind of changes is changed', () => {
  test('has a new log each time, and a run begins with it', async () => {
    const table = await new ExportedTable(harness).begin();
    await table.enableStream(true);
    const { pipeline } = table;
    const exports = table.known.definition;
    const changes = { kind: 'streams', cutSeconds: 0.2, settleSeconds: 1 };
    const streams = PipelineDefinition.parse({ ...exports, source: { ...exports.source, changes } });
    const follow = async (definition: typeof exports) => {
      await stopWorkers();
      harness.definitions.set(pipeline, definition);
      await startWorkers();
    };
    await follow(streams);
    await table.write('a');
    await refresh(pipeline);
    const { epoch: first } = await table.untilProgress(({ state }) => state === 'following');

    await follow(exports);
    const { epoch: second } = await table.untilProgress(({ kind }) => kind === 'exports');
    expect(await readGaps(table.logOf(first))).toMatchObject([{ reason: 'kind changed' }]);
    await until(
      () => applyProgress(pipeline),
      ({ needsRefresh }) => needsRefresh?.code === 'ChangesLost',
    );
    await table.refresh();
    await table.pass(5);
    await table.write('b');
    await table.pass();
    await table.untilEqual();

    await follow(streams);
    const { epoch: third } = await table.untilProgress(({ kind }) => kind === undefined);
    expect(new Set([first, second, third]).size).toBe(3);
    await refresh(pipeline);
    await table.write('c');
    await table.untilEqual();
    expect(idsOf(await table.recorded(table.logOf(third)))).toContain('c');
  });
});
