import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { type Progress, QUERY_PROGRESS, RETRY_SEGMENT } from '../../../src/contract/refresh.ts';
import type { Report } from '../../../src/pipeline/run/report.ts';
import { reportPageKey } from '../../../src/pipeline/run/run-directory.ts';
import { findReport } from '../../../src/store/gather-report.ts';
import { BrokenSegments } from './broken-segments.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

describe('the report of a run', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
  });

  const refOf = ({ pipeline, definition }: TestPipeline, run: string) => ({
    pipeline,
    run,
    bucket: definition.staging.bucket,
    prefix: definition.staging.prefix,
  });
  const reportOf = (defined: TestPipeline, run: string) => findReport(harness.store, refOf(defined, run));
  const pageOf = async (defined: TestPipeline, run: string) =>
    Buffer.from((await harness.store.get(reportPageKey(refOf(defined, run))))?.body ?? []).toString('utf8');

  test('counts what was copied and names every transaction that copied it', async () => {
    const stop = await harness.startWorkers();
    const defined = harness.define(table, { source: { segments: 4 } });
    const handle = await harness.start({ pipeline: defined.pipeline });
    const { run } = await handle.result();
    const report = (await reportOf(defined, run)) as Report;
    expect(report).toMatchObject({
      outcome: 'completed',
      status: 'replaced',
      workflowId: handle.workflowId,
      items: 1680,
      rejects: 0,
      rows: 1680 + 1012 + 1094 + 1012,
      source: { table, segments: 4 },
    });
    expect(report.tables.map(({ rows }) => rows)).toEqual([1680, 1012, 1012, 1094]);
    expect(report.segments.map(({ segment, ended }) => [segment, ended])).toEqual(
      [0, 1, 2, 3].map((segment) => [segment, true]),
    );
    expect(report.segments.reduce((sum, { items }) => sum + items, 0)).toBe(1680);
    expect(report.phases.map(({ phase, state }) => [phase, state])).toEqual(
      ['plan', 'extract', 'seal', 'prepare', 'load', 'verify', 'replace'].map((phase) => [
        phase,
        'completed',
      ]),
    );
    const copies = report.statements.filter(({ statements }) =>
      statements.some(({ sql }) => sql.startsWith('COPY ') && !sql.includes('NOLOAD')),
    );
    // Each layout of each table exactly once.
    expect(copies).toHaveLength(report.tables.reduce((sum, { layouts }) => sum + layouts, 0));
    expect(new Set(report.statements.map(({ id }) => id)).size).toBe(report.statements.length);
    expect(new Set(report.statements.map(({ phase }) => phase))).toEqual(
      new Set(['plan', 'prepare', 'load', 'verify', 'replace']),
    );
    for (const { status, seconds } of report.statements) {
      expect([status, typeof seconds]).toEqual(['FINISHED', 'number']);
    }
    expect(copies[0]?.statements.every(({ queryId = 0 }) => queryId > 0)).toBe(true);
    expect(await pageOf(defined, run)).toContain('✓</span> replaced');
    await stop();
  });

  test('exists while the run waits for an operator, and says why', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [2]);
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const defined = harness.define(table, { source: { segments: 5 } });
    const run = uniqueName('run');
    const handle = await harness.start({ pipeline: defined.pipeline, run });
    const waiting = await until(
      () => reportOf(defined, run),
      (report) => report?.outcome === 'waiting',
    );
    expect(waiting).toMatchObject({
      outcome: 'waiting',
      status: 'extract',
      unfinished: [{ child: '2', state: 'failed', error: 'segment is broken by this test' }],
    });
    expect(waiting?.segments.filter(({ ended }) => ended)).toHaveLength(4);
    source.fix();
    await handle.signal(RETRY_SEGMENT);
    await handle.result();
    expect(await reportOf(defined, run)).toMatchObject({ outcome: 'completed', unfinished: [], items: 1680 });
    await stop();
  });

  test('is written for a cancelled run, and a run that continues it knows the earlier phases', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [1]);
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const defined = harness.define(table, { source: { segments: 3 } });
    const run = uniqueName('run');
    const handle = await harness.start({ pipeline: defined.pipeline, run });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/Workflow execution/);
    const cancelled = await reportOf(defined, run);
    expect(cancelled).toMatchObject({ outcome: 'cancelled', status: 'extract', tables: [] });
    expect(cancelled?.phases.map(({ state }) => state)).toEqual([
      'completed',
      'ended',
      ...Array.from({ length: 5 }, () => 'not started'),
    ]);
    source.fix();
    const next = await harness.start({ pipeline: defined.pipeline, run, from: 'extract', to: 'seal' });
    await next.result();
    const done = await reportOf(defined, run);
    expect(done).toMatchObject({ outcome: 'completed', status: 'seal', workflowId: next.workflowId });
    expect(done?.phases[0]).toMatchObject({ state: 'completed', workflowId: handle.workflowId });
    await stop();
  });

  test('says why a run failed', async () => {
    const stop = await harness.startWorkers();
    const defined = harness.define(table, { source: { segments: 2 } });
    const run = uniqueName('run');
    const handle = await harness.start({ pipeline: defined.pipeline, run, to: 'seal' });
    await handle.result();
    const refused = await harness.start({ pipeline: defined.pipeline, run, from: 'load' });
    await expect(refused.result()).rejects.toThrow(/Workflow execution/);
    // Refused before it began a phase: the run has not changed.
    expect(await reportOf(defined, run)).toMatchObject({ outcome: 'completed', status: 'seal' });
    const { schema } = defined;
    await harness.sql(`CREATE SCHEMA "${schema}"`, `CREATE TABLE "${schema}"."theirs" ("a" INTEGER)`);
    const failing = await harness.start({ pipeline: defined.pipeline, run, from: 'prepare' });
    await expect(failing.result()).rejects.toThrow(/Workflow execution/);
    expect(await reportOf(defined, run)).toMatchObject({
      outcome: 'failed',
      error: { type: 'ForeignSchema', message: expect.stringContaining('theirs') },
      items: 1680,
    });
    expect(await pageOf(defined, run)).toContain('ForeignSchema');
    await stop();
  });
});
