import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { type Progress, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { Report } from '../../../src/pipeline/run/report.ts';
import { reportKey } from '../../../src/pipeline/run/run-directory.ts';
import { BrokenSegments } from '../pipeline/broken-segments.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

describe('tributary report', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  const directory = harness.directory();

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
  });

  const tributary = (...words: string[]) =>
    command(['report', ...words], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });

  test('shows the result of a run as text, JSON and a page, with only the configuration', async () => {
    const stop = await harness.startWorkers();
    const { pipeline, definition } = harness.define(table);
    const config = join(directory, `${pipeline}.yaml`);
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
    const run = uniqueName('run');
    await (await harness.start({ pipeline, run })).result();

    const text = await tributary(run, '--config', config);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/replaced[\s\S]*1,680 items, none set aside; 4,798 rows in 4 tables/);

    const page = join(directory, 'page.html');
    const both = await tributary(run, '--config', config, '--json', '--html', page);
    expect(Report.parse(JSON.parse(both.stdout))).toMatchObject({ run, pipeline, items: 1680 });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!DOCTYPE html>[\s\S]*1,680 items became 4,798 rows/);
    await stop();
  });

  test('creates the report of a run that wrote none, and finds the run by its workflow', async () => {
    const source = new BrokenSegments(harness.dependencies.source, [1]);
    const stop = await harness.startWorkers({ ...harness.dependencies, source });
    const { pipeline, definition } = harness.define(table, { source: { segments: 3 } });
    harness.definitions.delete(pipeline);
    const run = uniqueName('run');
    const handle = await harness.start({ pipeline, run, definition });
    await until(
      () => handle.query<Progress>(QUERY_PROGRESS),
      ({ state }) => state === 'waiting',
    );
    const key = reportKey({ prefix: definition.staging.prefix, pipeline, run });
    await until(
      () => harness.store.get(key),
      (object) => object !== undefined,
    );
    await handle.terminate('by this test');
    await harness.store.delete([key]);
    const { stdout } = await tributary(handle.workflowId, '--json');
    const report = Report.parse(JSON.parse(stdout));
    expect(report).toMatchObject({
      run,
      outcome: 'terminated',
      error: { message: expect.stringContaining('by this test') },
    });
    expect(report.segments.map(({ ended }) => ended)).toEqual([true, false, true]);
    await stop();
  });

  test('says so if there is no such run', async () => {
    expect(await tributary('nosuchrun')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no run "nosuchrun"'),
    });
  });
});
