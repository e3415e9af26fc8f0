import { describe, expect, test } from '@jest/globals';
import { buildRunEvent, type LineageReport } from '../../../../src/pipeline/lineage/build-run-event.ts';
import type { Manifest } from '../../../../src/pipeline/run/manifest.ts';
import type { Plan } from '../../../../src/pipeline/run/plan.ts';

const plan = {
  pipeline: 'orders',
  run: 'a',
  source: { tableName: 'orders-prod' },
  definition: {
    source: { table: 'orders-prod' },
    warehouse: { workgroup: 'analytics', database: 'dev', schema: 'orders' },
  },
} as unknown as Plan;
const manifest = {
  tables: [
    {
      name: 'orders_prod',
      rows: 3,
      columns: [
        { name: 'pk', type: { type: 'VARCHAR', bytes: 64 }, path: 'pk' },
        { name: 'created_at', type: { type: 'TIMESTAMPTZ' }, path: 'createdAt' },
      ],
      files: [{ rawBytes: 40 }, { rawBytes: 2 }],
    },
  ],
} as unknown as Manifest;

const report: LineageReport = {
  eventType: 'COMPLETE',
  at: '2026-11-29T06:00:00.000Z',
  workflow: { namespace: 'default', workflowId: 'refresh-orders', firstExecutionRunId: '77' },
  replaced: true,
};
const context = { plan, manifest, namespace: 'production', region: 'eu-central-1' };

describe('the event of a run that has replaced live', () => {
  const event = buildRunEvent(report, context);

  test('names the job, the table it read and the tables that are live now', () => {
    expect(event).toMatchObject({
      eventType: 'COMPLETE',
      eventTime: report.at,
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      job: { namespace: 'production', name: 'orders' },
      inputs: [{ namespace: 'dynamodb://eu-central-1', name: 'orders-prod' }],
      outputs: [{ namespace: 'redshift://analytics.eu-central-1:5439', name: 'dev.orders.orders_prod' }],
    });
  });

  test('has columns, their paths, rows and bytes as facets', () => {
    const [output] = event.outputs;
    expect(output?.facets.schema.fields).toEqual([
      { name: 'pk', type: 'VARCHAR(64)' },
      { name: 'created_at', type: 'TIMESTAMPTZ' },
    ]);
    expect(output?.facets.columnLineage?.fields.created_at?.inputFields).toEqual([
      { namespace: 'dynamodb://eu-central-1', name: 'orders-prod', field: 'createdAt' },
    ]);
    expect(output?.outputFacets.outputStatistics).toMatchObject({ rowCount: 3, size: 42 });
  });
});

describe('the id of the run', () => {
  const idOf = (workflow: Partial<LineageReport['workflow']>, run = 'a') =>
    buildRunEvent(
      { ...report, workflow: { ...report.workflow, ...workflow } },
      { ...context, plan: { ...plan, run } },
    ).run.runId;

  test('is the same for all events of a workflow, and is a UUID of version 5', () => {
    const start = buildRunEvent({ ...report, eventType: 'START', replaced: false }, context);
    expect(start.run.runId).toBe(idOf({}));
    expect(idOf({})).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('is another one for another workflow, namespace or run', () => {
    const ids = [idOf({}), idOf({ namespace: 'n' }), idOf({ firstExecutionRunId: '78' }), idOf({}, 'b')];
    expect(new Set(ids).size).toBe(4);
  });
});

test('a failure has its message, and no outputs', () => {
  const event = buildRunEvent({ ...report, eventType: 'FAIL', error: 'no', replaced: false }, context);
  expect(event.run.facets?.errorMessage?.message).toBe('no');
  expect(event.outputs).toEqual([]);
});

test('the region of a table’s ARN prevails, and an unknown region does not hinder', () => {
  const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/orders-prod';
  const ofArn = {
    ...plan,
    definition: { ...plan.definition, source: { ...plan.definition.source, table } },
  } as Plan;
  expect(buildRunEvent(report, { ...context, plan: ofArn }).inputs[0]?.namespace).toBe(
    'dynamodb://us-west-2',
  );
  expect(buildRunEvent(report, { ...context, region: undefined }).outputs[0]?.namespace).toBe(
    'redshift://analytics.aws:5439',
  );
});
