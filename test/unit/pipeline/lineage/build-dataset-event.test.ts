import { describe, expect, test } from '@jest/globals';
import {
  buildDatasetEvent,
  type DatasetLineageReport,
} from '../../../../src/pipeline/lineage/build-dataset-event.ts';
import { redshiftTable, s3Prefix } from '../../../../src/pipeline/lineage/lineage-names.ts';

const report: DatasetLineageReport = {
  ...{ eventType: 'COMPLETE', at: '2026-11-29T06:00:00.000Z', graph: 'all', dataset: 'daily_stats' },
  workflow: { namespace: 'default', workflowId: 'graph/all/now', firstExecutionRunId: '77' },
  partitions: ['day=2026-11-01'],
};
const context = {
  namespace: 'production',
  inputs: [
    { ...s3Prefix('lake', 'transactions/'), partitions: [{ day: '2026-11-01' }] },
    redshiftTable({ workgroup: 'analytics', database: 'dev', schema: 'shop', table: 'orders' }, 'eu-west-2'),
  ],
  output: {
    ...s3Prefix('lake', 'daily_stats'),
    ...{ columns: [{ name: 'account', type: 'bigint' }], rows: 5, bytes: 900 },
    partitions: [{ day: '2026-11-01' }],
  },
};

describe('the event of a dataset', () => {
  const event = buildDatasetEvent(report, context);

  test('names the job, what it read and what it wrote, each with its partitions', () => {
    const condition = { type: 'partition', partitions: [{ dimensions: { day: '2026-11-01' } }] };
    expect(event).toMatchObject({
      job: { namespace: 'production', name: 'datasets.daily_stats' },
      inputs: [
        {
          namespace: 's3://lake',
          name: 'transactions',
          inputFacets: { subset: { inputCondition: condition } },
        },
        { namespace: 'redshift://analytics.eu-west-2:5439', name: 'dev.shop.orders' },
      ],
      outputs: [
        {
          ...{ namespace: 's3://lake', name: 'daily_stats' },
          facets: { schema: { fields: [{ name: 'account', type: 'bigint' }] } },
          outputFacets: {
            outputStatistics: { rowCount: 5, size: 900 },
            subset: { outputCondition: condition },
          },
        },
      ],
    });
  });

  test('is part of the run of its graph, which has a job of its own', () => {
    const { dataset: _, ...ofGraph } = report;
    const graph = buildDatasetEvent(ofGraph, { namespace: 'production', inputs: [], output: undefined });
    expect(graph).toMatchObject({ job: { name: 'graph.all' }, inputs: [], outputs: [] });
    expect(event.run.facets?.parent).toMatchObject({
      run: { runId: graph.run.runId },
      job: { namespace: 'production', name: 'graph.all' },
    });
    expect(graph.run.runId).not.toBe(event.run.runId);
    expect(graph.run.facets).toBeUndefined();
  });

  test('has its error, and no output if nothing was published', () => {
    const failed = buildDatasetEvent(
      { ...report, eventType: 'FAIL', error: 'StepFailed' },
      { ...context, output: undefined },
    );
    expect(failed.run.facets?.errorMessage?.message).toBe('StepFailed');
    expect(failed.outputs).toEqual([]);
    expect(failed.run.runId).toBe(event.run.runId);
  });
});

test('a bucket without a prefix is named by a slash', () => {
  expect(s3Prefix('lake', '')).toEqual({ namespace: 's3://lake', name: '/' });
});
