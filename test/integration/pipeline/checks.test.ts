import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadItems } from '../../../local/demo/load-items.ts';
import { type Progress, QUERY_PROGRESS, RETRY_CHECK } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { reportKey, reportPageKey } from '../../../src/pipeline/run/run-directory.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

const order = (n: number, attributes: object = {}) => ({
  pk: { S: `c${n % 3}` },
  sk: { S: `o${n}` },
  number: { N: String(n) },
  status: { S: n % 2 === 0 ? 'open' : 'paid' },
  created_at: { S: new Date().toISOString() },
  ...attributes,
});

describe('checks of the loaded tables', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  test('pass, warn, or make the run wait until an operator has changed them', async () => {
    const table = uniqueName('checks');
    await harness.createTable(
      table,
      Array.from({ length: 30 }, (_, n) => order(n)),
    );
    const { pipeline, schema, definition } = harness.define(table, { source: { segments: 2 } });
    const define = (checks: object) =>
      harness.definitions.set(pipeline, PipelineDefinition.parse({ ...definition, checks }));
    const read = async (key: string) => Buffer.from((await harness.store.get(key))!.body).toString();
    const passing = {
      rows: { rows: table, min: 1, change: '10%' },
      fresh: { freshness: `${table}.created_at`, within: '1h' },
      status: { accepted: `${table}.status`, values: ['open', 'paid'] },
      numbers: { unique: [`${table}.pk`, `${table}.number`] },
      present: { notNull: `${table}.status` },
      query: { sql: `select number from ${table} where number < 0;` },
    };
    define(passing);
    const first = await (await harness.start({ pipeline })).result();
    expect(first).toMatchObject({ status: 'replaced' });
    expect(first.checks?.map(({ check, outcome }) => [check, outcome])).toEqual(
      Object.keys(passing)
        .sort()
        .map((check) => [check, 'passed']),
    );

    await loadItems(harness.dynamodb, table, [
      ...Array.from({ length: 30 }, (_, n) => order(100 + n)),
      { ...order(500, { number: { N: '-1' } }), status: { S: 'lost' } },
      { pk: { S: 'c0' }, sk: { S: 'twin' }, number: { N: '0' }, status: { NULL: true } },
    ]);
    define({
      ...passing,
      rows: { ...passing.rows, severity: 'warn' },
      broken: { sql: 'select nonsense', severity: 'warn' },
    });
    const run = uniqueName('r');
    const handle = await harness.start({ pipeline, run });
    const progress = () => handle.query<Progress>(QUERY_PROGRESS);
    const waiting = await until(progress, ({ state }) => state === 'waiting');
    expect(waiting).toMatchObject({ phase: 'verify', checks: { settled: 3, failed: 4, total: 7 } });
    const failed = new Map(waiting.checks!.unfinished.map((each) => [each.child, each]));
    expect([...failed.keys()].sort()).toEqual(['numbers', 'present', 'query', 'status']);
    expect(failed.get('status')).toMatchObject({
      code: 'CheckFailed',
      error: expect.stringContaining(`1 row has another value in ${table}.status, such as "lost"`),
    });
    expect(failed.get('numbers')?.error).toContain('1 value occurs more than once');
    expect(failed.get('query')?.error).toContain('the query returns 1 row');
    expect(waiting.checked).toEqual([
      { check: 'broken', outcome: 'warned', found: expect.stringContaining('it could not run') },
      { check: 'fresh', outcome: 'passed' },
      { check: 'rows', outcome: 'warned', found: expect.stringContaining('62 rows (+107%)') },
    ]);
    const [marker] = await harness.sql(`SELECT run FROM "${schema}"._tributary_marker`);
    expect(marker).toEqual({ run: first.run });
    const at = { pipeline, prefix: definition.staging.prefix, run };
    const report = await until(
      async () => JSON.parse(await read(reportKey(at))),
      ({ outcome }) => outcome === 'waiting',
    );
    expect(report.checks).toContainEqual({
      ...{ check: 'status', outcome: 'failed', found: expect.stringContaining('"lost"') },
    });
    expect(report.unfinished.map(({ child }: { child: string }) => child)).toContain('status');

    // The first one is retried alone, and fails again; the others are changed, or removed, and pass.
    expect(await handle.executeUpdate(RETRY_CHECK, { args: ['numbers'] })).toBe('numbers: retrying');
    await until(progress, ({ state, checks }) => state === 'waiting' && checks?.failed === 4);
    const { numbers, status, query: _, ...others } = passing;
    define({
      ...others,
      numbers: { ...numbers, severity: 'warn' },
      status: { ...status, values: ['open', 'paid', 'lost'] },
      present: { ...passing.present, severity: 'warn' },
    });
    expect(await handle.executeUpdate(RETRY_CHECK)).toMatch(/retrying numbers, present, query, status/);
    const result = await handle.result();
    expect(result).toMatchObject({ status: 'replaced' });
    expect(Object.fromEntries(result.checks!.map(({ check, outcome }) => [check, outcome]))).toEqual({
      ...{ broken: 'warned', fresh: 'passed', numbers: 'warned', present: 'warned', query: 'skipped' },
      ...{ rows: 'warned', status: 'passed' },
    });
    const page = await read(reportPageKey(at));
    expect(page).toContain('Checks');
    expect(page).toContain('1 value occurs more than once');
  });
});
