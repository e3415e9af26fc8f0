import { beforeAll, describe, expect, test } from '@jest/globals';
import { QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { AlertsDefinition } from '../../../src/pipeline/alerts/alerts-definition.ts';
import { LineageDefinition } from '../../../src/pipeline/lineage/lineage-definition.ts';
import { RunEvent } from '../../../src/pipeline/lineage/run-event.ts';
import { AlertReceiver } from './alert-receiver.ts';
import { BrokenSegments } from './broken-segments.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

describe('the OpenLineage events of runs', () => {
  const harness = withHarness();
  const endpoint = new AlertReceiver();
  const table = uniqueName('lineage');
  const broken = new BrokenSegments(harness.dependencies.source, [0]);

  beforeAll(async () => {
    await endpoint.open();
    harness.onClose(() => endpoint.close());
    await harness.createTable(table, [
      { pk: { S: 'a' }, sk: { S: 's' }, lines: { L: [{ N: '1' }, { N: '2' }] } },
      { pk: { S: 'b' }, sk: { S: 's' }, createdAt: { S: '2026-11-29' } },
    ]);
    const definition = LineageDefinition.parse({
      urlFrom: 'URL',
      authorizationFrom: 'TOKEN',
      namespace: 'test',
    });
    const secrets: Record<string, string> = { URL: endpoint.url('/api/v1/lineage'), TOKEN: 'Bearer t' };
    const { dependencies } = harness;
    broken.fix();
    await harness.startWorkers({
      ...dependencies,
      source: broken,
      alerts: {
        ...dependencies.alerts,
        definition: async () => AlertsDefinition.parse({}),
        lineage: async () => definition,
        secret: (variable) => secrets[variable],
      },
    });
  });

  const accepted = (pipeline: string) =>
    endpoint.received
      .filter(({ status }) => status === 204)
      .map(({ body }) => RunEvent.parse(JSON.parse(body)))
      .filter(({ job }) => job.name === pipeline);
  const untilSent = (pipeline: string, n: number) =>
    until(
      async () => accepted(pipeline),
      (events) => events.length >= n,
    );

  test('a run that replaces live has START and COMPLETE, with its tables, after a refusal', async () => {
    let refusals = 1;
    endpoint.answer = () => (refusals-- > 0 ? 500 : 204);
    const { pipeline, schema } = harness.define(table, { source: { segments: 1 } });
    await harness.runToEnd({ pipeline });
    const events = await untilSent(pipeline, 2);
    const complete = events.find(({ eventType }) => eventType === 'COMPLETE');
    expect(events.map(({ eventType }) => eventType).sort()).toEqual(['COMPLETE', 'START']);
    expect(new Set(events.map(({ run }) => run.runId)).size).toBe(1);
    expect(complete?.inputs.map(({ name }) => name)).toEqual([table]);
    const statistics = complete?.outputs.map(({ name, outputFacets }) => [
      name.split('.').slice(1).join('.'),
      outputFacets.outputStatistics.rowCount,
    ]);
    expect(statistics?.sort()).toEqual([
      [`${schema}.${table}`, 2],
      [`${schema}.${table}__lines`, 2],
    ]);
    const live = await harness.sql(
      `SELECT column_name FROM svv_columns WHERE table_schema = '${schema}' AND table_name = '${table}' ORDER BY ordinal_position`,
    );
    const root = complete?.outputs.find(({ name }) => name.endsWith(`.${table}`));
    expect(root?.facets.schema.fields.map(({ name }) => name)).toEqual(live.map((row) => row.column_name));
    expect(endpoint.received.every(({ headers }) => headers.authorization === 'Bearer t')).toBe(true);
  });

  test('a run that fails has FAIL with the message; one that stops before live has no outputs', async () => {
    endpoint.answer = () => 204;
    const failing = harness.define(table, { source: { segments: 1 }, maxRejects: 0 });
    const { run } = await harness.runToEnd({ pipeline: failing.pipeline, to: 'seal' });
    const [, stopped] = (await untilSent(failing.pipeline, 2)).sort((a, b) =>
      a.eventType < b.eventType ? 1 : -1,
    );
    expect(stopped).toMatchObject({ eventType: 'COMPLETE', outputs: [] });

    // Nothing was loaded, so there is nothing to verify.
    const handle = await harness.start({ pipeline: failing.pipeline, run, from: 'verify' });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    const fail = (await untilSent(failing.pipeline, 4)).find(({ eventType }) => eventType === 'FAIL');
    expect(fail?.run.facets?.errorMessage?.message).toMatch(/\S/);
    expect(fail?.outputs).toEqual([]);
    // The workflow that continued the run is another run of OpenLineage.
    expect(fail?.run.runId).not.toBe(stopped?.run.runId);
  });

  test('a run that is cancelled has ABORT', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 1 } });
    broken.refuse();
    const handle = await harness.start({ pipeline });
    await until(
      async () => (await handle.query(QUERY_PROGRESS)) as { state: string },
      ({ state }) => state === 'waiting',
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    const events = await untilSent(pipeline, 2);
    expect(events.map(({ eventType }) => eventType).sort()).toEqual(['ABORT', 'START']);
  });
});
