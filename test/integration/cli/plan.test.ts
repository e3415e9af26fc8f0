import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Item } from '../../../local/demo/load-items.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { Workflows } from '../../../src/contract/workflows.ts';
import { itemSize } from '../../../src/pipeline/estimate/item-size.ts';
import type { PipelinePlan } from '../../../src/pipeline/estimate/pipeline-plan.ts';
import type { Item as SourceItem } from '../../../src/pipeline/item/attribute.ts';
import type { Report } from '../../../src/pipeline/run/report.ts';
import { findReport } from '../../../src/store/gather-report.ts';
import { type Overrides, uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

/** Orders of 0.2 to 6 KB, with lines. */
const orders = (count: number, customers = 97): Item[] =>
  Array.from({ length: count }, (_, n) => ({
    pk: { S: `customer#${n % customers}` },
    sk: { S: `order#${n}` },
    total: { N: `${n * 13}.25` },
    note: { S: 'n'.repeat((n * 7919) % 5000) },
    lines: {
      L: Array.from({ length: n % 5 }, (__, i) => ({ M: { sku: { S: `sku-${i}` }, n: { N: '2' } } })),
    },
  }));

describe('a plan', () => {
  const harness = withHarness();
  const table = uniqueName('orders');
  const small = uniqueName('small');
  /** A table that DynamoDB has not counted yet. */
  const fresh = uniqueName('fresh');

  const items = orders(3000);
  const counts = {
    approximateItems: items.length,
    approximateBytes: items.reduce((sum, item) => sum + itemSize(item as SourceItem), 0),
  };
  const uncounted = { approximateItems: 0, approximateBytes: 0 };

  beforeAll(async () => {
    await harness.createTable(table, items);
    await harness.createTable(small, orders(30));
    await harness.createTable(fresh, orders(3000, 3000));
    const { source } = harness.dependencies;
    await harness.startWorkers({
      ...harness.dependencies,
      source: {
        scanPage: (request) => source.scanPage(request),
        describe: async (name, options) => {
          const described = await source.describe(name, options);
          // The local DynamoDB does not count as AWS does.
          return { ...described, ...(name === table ? counts : uncounted) };
        },
      },
    });
  });

  const planOf = (pipeline: string): Promise<PipelinePlan> =>
    harness.client.workflow.execute<Workflows['planPipeline']>('planPipeline', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('plan'),
      args: [{ pipeline }],
    });

  const cases: [what: string, of: () => string, Overrides, basis: string][] = [
    ['a table larger than its sample', () => table, { source: { segments: 4 } }, 'description'],
    [
      'a table that is read slowly, in small pages',
      () => table,
      { source: { segments: 3, readUnitsPerSecond: 100 } },
      'description',
    ],
    ['a table that DynamoDB has not counted yet', () => fresh, { source: { segments: 4 } }, 'slices'],
    ['a small table', () => small, { source: { segments: 4 } }, 'sample'],
  ];
  test.each(cases)('of %s is within 10%% of what the run takes', async (_, of, overrides, basis) => {
    const { pipeline, definition } = harness.define(of(), overrides);
    const { scan, tables, stoppers, changes } = await planOf(pipeline);
    expect(stoppers).toEqual([]);
    expect(changes).toBeUndefined();
    expect(scan?.basis).toBe(basis);
    const { run } = await harness.runToEnd({ pipeline });
    const { bucket, prefix } = definition.staging;
    const report = (await findReport(harness.store, { pipeline, run, bucket, prefix })) as Report;
    const within = (planned: number | undefined, taken: number) => {
      expect(planned).toBeGreaterThanOrEqual(taken * 0.9);
      expect(planned).toBeLessThanOrEqual(taken * 1.1);
    };
    within(scan?.items, report.items);
    within(scan?.readUnits, report.readUnits);
    expect(scan?.segments).toBe(report.source.segments);
    expect(tables.map(({ name }) => name).sort()).toEqual(
      report.tables.map(({ table: name }) => name).sort(),
    );
    for (const { table: name, rows } of report.tables)
      within(tables.find((each) => each.name === name)?.rows, rows);
    const again = await planOf(pipeline);
    expect(again.changes).toEqual([]);
    expect(again.tables.map(({ isNew }) => isNew)).toEqual(tables.map(() => false));
  });

  test('leaves nothing behind', async () => {
    const { pipeline, schema } = harness.define(small);
    await planOf(pipeline);
    const left: string[] = [];
    for await (const { key } of harness.store.list(`test-runs/${pipeline}/`)) left.push(key);
    expect(left).toEqual([]);
    expect(await harness.tablesOf(schema)).toEqual([]);
  });

  test('finds what would stop a run, all at once', async () => {
    const { pipeline, schema } = harness.define(small, {
      warehouse: { iamRole: 'arn:aws:iam::000000000000:role/no-one-has-it' },
      mapping: { columns: { total: { type: 'BOOLEAN' } } },
    });
    await harness.sql(`CREATE SCHEMA "${schema}"`, `CREATE TABLE "${schema}".mine (a INTEGER)`);
    const { scan, stoppers } = await planOf(pipeline);
    expect(scan?.items).toBe(30);
    expect(stoppers.map(({ what }) => what).sort()).toEqual([
      'Redshift: COPY',
      'Redshift: live schema',
      'TypeTooNarrow',
    ]);
    const wide = await planOf(harness.define(small, { mapping: { maxTables: 1 } }).pipeline);
    expect(wide.stoppers).toMatchObject([{ what: 'TooManyTables' }]);
    const { stoppers: missing, scan: none } = await planOf(harness.define(uniqueName('missing')).pipeline);
    expect(none).toBeUndefined();
    expect(missing).toMatchObject([{ what: 'TableNotFound' }]);
  });

  test('is printed as text, JSON and Markdown, also by run --dry-run', async () => {
    const { pipeline, schema, definition } = harness.define(small, { source: { segments: 4 } });
    const config = join(harness.directory(), 'tributary.yaml');
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
    const ours = (...words: string[]) =>
      command([...words, '--config', config], {
        ...harness.environment,
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
      });
    const text = await ours('plan', pipeline);
    expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^items +30 /m) });
    expect(await ours('run', pipeline, '--dry-run')).toEqual(text);
    const json = await ours('run', pipeline, '--dry-run', '--segments', '2', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ pipeline, schema, scan: { segments: 2, items: 30 } });
    const own = await ours('plan', pipeline, '--price', 'millionReadUnits=1000000', '--json');
    const { scan } = JSON.parse(own.stdout) as PipelinePlan;
    expect(scan?.price.onDemand).toBeCloseTo(scan?.readUnits ?? 0, 6);
    const markdown = await ours('plan', pipeline, '--format', 'markdown');
    expect(markdown.stdout).toMatch(/^\| items \| 30 \|/m);
    expect(await ours('run', pipeline, '--dry-run', '--from', 'seal')).toMatchObject({ code: 2 });
    expect(await harness.tablesOf(schema)).toEqual([]);
  });
});
