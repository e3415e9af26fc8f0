import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import pg from 'pg';
import { stringify } from 'yaml';
import { Terminal } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { Check, Leftover } from '../../../src/contract/maintenance.ts';
import { runDirectory } from '../../../src/pipeline/run/run-directory.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { type Overrides, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { command, startCommand } from './command-line.ts';

interface Told {
  readonly ok: boolean;
  readonly checks: readonly (Check & {
    readonly pipeline?: string;
    readonly loader?: string;
    readonly dataset?: string;
  })[];
  readonly leftovers: readonly Leftover[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

describe('the doctor', () => {
  const harness = withHarness();
  let conditionsIgnored = false;
  /** The failure of a removal of this pipeline's leftovers. */
  let removal: { readonly of: string; readonly error: Error } | undefined;
  const table = uniqueName('items');
  const directory = harness.directory();

  beforeAll(async () => {
    await harness.createTable(table, [{ pk: { S: 'p' }, sk: { S: 's' } }]);
    const real = (bucket: string) => harness.dependencies.store(bucket);
    /** A store that may ignore the conditions of puts, as some that claim to be S3 do. A worker keeps one per bucket. */
    const careless = (store: ObjectStore): ObjectStore => ({
      ...store,
      putNew: (key, body, options) =>
        conditionsIgnored ? store.put(key, body, options) : store.putNew(key, body, options),
      putIfMatch: (key, body, etag, options) =>
        conditionsIgnored ? store.put(key, body, options) : store.putIfMatch(key, body, etag, options),
    });
    const known = await withOthers();
    await harness.startWorkers({
      ...harness.dependencies,
      loaders: () => known.loaders(),
      datasets: () => known.datasets(),
      recordModules: known.recordModules,
      store: (bucket) => careless(real(bucket)),
      warehouse: (definition) => {
        const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
        if (removal !== undefined && workflowId.startsWith(`remove-leftovers-${removal.of}-`))
          throw removal.error;
        return harness.dependencies.warehouse(definition);
      },
    });
  });

  /** A configuration with a loader and a dataset, which the workers know. */
  const others = join(directory, 'others.yaml');
  const database = uniqueName('db');
  async function withOthers() {
    const { bucket } = testStack().s3;
    const { workgroup, database: dev } = testStack().redshiftData;
    writeFileSync(
      join(directory, 'records.ts'),
      `import { defineRecords } from '@tributary-data/tributary';
export default defineRecords({ id: { type: 'string', from: 'id' }, day: { type: 'date', from: 'day' } });
`,
    );
    await harness.store.put(`${database}/2026/a.json`, '{"id":"a","day":"2026-11-01"}\n');
    const loader = {
      source: { bucket, prefix: `${database}/files/` },
      format: { kind: 'csv' },
      target: {
        ...{ workgroup, database: dev, schema: database, table: 'missing' },
        iamRole: 'arn:aws:iam::123456789012:role/copy',
      },
      staging: { bucket, prefix: 'loaders-of-doctor' },
    };
    const dataset = {
      source: { bucket, prefix: `${database}/`, match: '*/*.json' },
      ...{ records: './records.ts', partition: { column: 'day' } },
      store: { bucket, prefix: `${database}-table`, catalogue: { kind: 'glue', database, table: 'records' } },
    };
    writeFileSync(others, stringify({ loaders: { arrivals: loader }, datasets: { records: dataset } }));
    return dependenciesFromEnvironment({ ...harness.environment, TRIBUTARY_CONFIG: others });
  }

  function configured(overrides: Overrides = {}) {
    const defined = harness.define(table, overrides);
    const config = join(directory, `${defined.pipeline}.yaml`);
    writeFileSync(config, stringify({ pipelines: { [defined.pipeline]: defined.definition } }));
    return { ...defined, config };
  }
  const run = (...words: string[]) =>
    command(['doctor', ...words], {
      ...harness.environment,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });
  async function told(...words: string[]): Promise<Told & { readonly code: number | null }> {
    const { code, stdout } = await run(...words, '--json');
    return { code, ...(JSON.parse(stdout) as Told) };
  }
  const problems = ({ checks }: Told) => checks.filter(({ state }) => state === 'problem');

  test('reports no problem if there is none, and leaves no trace', async () => {
    const { config, pipeline, schema } = configured();
    const found = await told('--config', config);
    expect(problems(found)).toEqual([]);
    expect(found).toMatchObject({ code: 0, ok: true, leftovers: [] });
    expect(found.checks.map(({ area, what }) => `${area}: ${what}`)).toEqual([
      'configuration: file',
      'Temporal: server',
      'Temporal: namespace',
      'Temporal: search attributes',
      'workers: queue tributary',
      'workers: queue tributary-extract',
      'DynamoDB: table',
      'DynamoDB: scan',
      'S3: bucket',
      'S3: writing',
      'S3: region',
      'S3: versioning',
      'S3: lifecycle',
      'Redshift: connection',
      'Redshift: creating schemas',
      'Redshift: COPY',
      'Redshift: live schema',
      'Redshift: dependencies of the live tables',
      'Redshift: time limits',
      'leftovers: schemas and uploads',
    ]);
    expect(found.checks.find(({ what }) => what === 'search attributes')).toMatchObject({
      state: 'warning',
      whatToDo: expect.stringMatching(
        new RegExp(
          `^\\S*temporal operator search-attribute create --address \\S+ --namespace ${harness.namespace} --name TributaryPipeline`,
        ),
      ),
    });
    const left: string[] = [];
    for await (const { key } of harness.store.list(`test-runs/${pipeline}/`)) left.push(key);
    expect(left).toEqual([]);
    const schemas = await harness.sql(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tributary_check%' OR nspname = '${schema}'`,
    );
    expect(schemas).toEqual([]);
    const text = await run('--config', config);
    expect(text.stdout).toMatch(/✓ +S3 +writing +put, read and deleted a probe/);
    expect(text.stdout).toMatch(/^0 problems, \d+ warnings?$/m);
  });

  test('reports what is wrong with each service, with code 1', async () => {
    const wrong = configured({
      source: { table: 'nowhere' },
      staging: { bucket: 'no-such-bucket' },
      warehouse: { workgroup: 'no-such-workgroup' },
    });
    const found = await told('--config', wrong.config);
    expect(found).toMatchObject({ code: 1, ok: false });
    expect(problems(found).map(({ area, found: what }) => `${area}: ${what}`)).toEqual([
      expect.stringMatching(/^DynamoDB: .*nowhere/),
      expect.stringMatching(/^DynamoDB: .*nowhere/),
      expect.stringMatching(/^S3: .*no-such-bucket.*Create it/),
      expect.stringMatching(/^Redshift: .*no-such-workgroup/),
    ]);
  });

  test('reports a role that COPY cannot assume, a foreign live schema, and a table that blocks a replacement', async () => {
    const { config, schema } = configured({
      warehouse: { iamRole: 'arn:aws:iam::000000000000:role/no-one-has-it' },
    });
    await harness.sql(`CREATE SCHEMA "${schema}"`, `CREATE TABLE "${schema}"."theirs" ("a" INTEGER)`);
    expect(problems(await told('--config', config)).map(({ what }) => what)).toEqual(['COPY', 'live schema']);

    const mine = configured();
    await (await harness.start({ pipeline: mine.pipeline })).result();
    const outside = uniqueName('views');
    await harness.sql(
      `CREATE SCHEMA "${outside}"`,
      `CREATE VIEW "${outside}"."v" AS SELECT pk FROM "${mine.schema}"."${table}"`,
    );
    const { checks } = await told('--config', mine.config);
    expect(checks.find(({ what }) => what === 'dependencies of the live tables')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining(`carries over view ${outside}.v`),
    });
    await harness.sql(`CREATE TABLE "${mine.schema}"."theirs" ("a" INTEGER)`);
    expect(problems(await told('--config', mine.config))).toMatchObject([
      { what: 'dependencies of the live tables', found: expect.stringContaining(`${mine.schema}.theirs`) },
    ]);
    await harness.sql(`DROP TABLE "${mine.schema}"."theirs"`);

    // A user of the PostgreSQL below, whom the local Redshift does not know: like one who was dropped.
    const ann = uniqueName('ann');
    const below = new pg.Client({ connectionString: testStack().postgres.url });
    await below.connect();
    await below.query(`CREATE ROLE ${ann}`);
    await below.query(`GRANT SELECT ON "${mine.schema}"."${table}" TO ${ann}`);
    await below.end();
    expect(problems(await told('--config', mine.config))).toMatchObject([
      {
        what: 'dependencies of the live tables',
        found: expect.stringContaining(`privileges of user ${ann}`),
        whatToDo: expect.stringContaining(`CREATE USER "${ann}" PASSWORD DISABLE`),
      },
    ]);
  });

  test('reports a store that accepts conditional puts and ignores their conditions', async () => {
    const { config } = configured();
    conditionsIgnored = true;
    const found = await told('--config', config);
    conditionsIgnored = false;
    expect(problems(found)).toMatchObject([
      { what: 'writing', found: expect.stringContaining('If-None-Match accepted') },
    ]);
  });

  test('finds staging that no workflow needs and surplus backups; --fix --yes removes them', async () => {
    const { config, pipeline, schema } = configured({ warehouse: { keepBackups: 2 } });
    for (const name of ['first', 'second']) await harness.runToEnd({ pipeline, run: name });
    await harness.runToEnd({ pipeline, run: 'abandoned', to: 'prepare' });
    await harness.runToEnd({ pipeline, run: 'held', to: 'prepare' });
    await harness.runToEnd({ pipeline, run: 'third' });
    const { definition } = configured({ warehouse: { schema, keepBackups: 1 } });
    harness.definitions.set(pipeline, definition);
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
    // A user's view reads one of them: RESTRICT keeps it.
    const outside = uniqueName('views');
    await harness.sql(
      `CREATE SCHEMA "${outside}"`,
      `CREATE VIEW "${outside}"."v" AS SELECT pk FROM "${schema}__held_1"."${table}"`,
    );
    const expected = [`${schema}__abandoned_1`, `${schema}__first_backup`, `${schema}__held_1`];
    const named = ({ leftovers }: Told) =>
      leftovers
        .map((each) => (each.kind === 'schema' ? each.name : each.key))
        .toSorted((a, b) => (a < b ? -1 : 1));

    const found = await told('--config', config);
    expect(found).toMatchObject({ code: 0, removed: [] });
    expect(named(found)).toEqual(expected);
    const unasked = await run('--config', config, '--fix');
    expect(unasked.stderr).toContain('Use --yes');
    expect(named(await told('--config', config))).toEqual(expected);

    const fixed = await told('--config', config, '--yes');
    expect([...fixed.removed].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      `schema ${schema}__abandoned_1`,
      `schema ${schema}__first_backup`,
    ]);
    expect(fixed.checks.find(({ area }) => area === 'leftovers')).toMatchObject({
      state: 'warning',
      found: 'removed 2, kept 1',
    });
    expect(fixed.kept).toEqual([expect.stringContaining(`${schema}__held_1`)]);
    expect(named(await told('--config', config))).toEqual([`${schema}__held_1`]);
    expect(await harness.rowsOf(schema, table)).toHaveLength(1);
    await harness.sql(`DROP VIEW "${outside}"."v"`);
  });

  test('still reports and removes everything else if a removal fails or is interrupted', async () => {
    const [one, other] = [configured(), configured()];
    const config = join(directory, `${one.pipeline}-both.yaml`);
    const both = [one, other].map(({ pipeline, definition }) => [pipeline, definition]);
    writeFileSync(config, stringify({ pipelines: Object.fromEntries(both) }));
    for (const { pipeline } of [one, other]) {
      await harness.runToEnd({ pipeline, run: 'abandoned', to: 'prepare' });
      await harness.runToEnd({ pipeline, run: 'later' });
    }
    const stateOf = ({ checks }: Told, area: string, pipeline?: string) =>
      checks.find((check) => check.area === area && check.pipeline === pipeline)?.state;

    removal = { of: one.pipeline, error: new Terminal('AccessDenied', 'The role may not drop it.') };
    const failed = await told('--config', config, '--yes');
    expect(failed).toMatchObject({
      code: 1,
      removed: [`schema ${other.schema}__abandoned_1`],
      kept: [expect.stringMatching(new RegExp(`${one.pipeline}.*: The role may not drop it\\.$`))],
    });
    expect(stateOf(failed, 'Temporal')).toBe('ok');
    expect(stateOf(failed, 'DynamoDB', one.pipeline)).toBe('ok');
    expect(stateOf(failed, 'leftovers', one.pipeline)).toBe('problem');
    expect(stateOf(failed, 'leftovers', other.pipeline)).toBe('ok');

    // Retried without end, until it is interrupted.
    removal = { of: one.pipeline, error: new Error('not now') };
    const environment = { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace };
    const waited = startCommand(['doctor', '--config', config, '--yes', '--json'], { environment });
    const underWay = async () => {
      const found: string[] = [];
      const query = `WorkflowType="removeLeftovers" AND ExecutionStatus="Running"`;
      for await (const { workflowId } of harness.client.workflow.list({ query })) {
        // The list may still have the one that failed before.
        const { status } = await harness.client.workflow.getHandle(workflowId).describe();
        if (status.name === 'RUNNING') found.push(workflowId);
      }
      return found;
    };
    const [workflowId = ''] = await until(underWay, (found) => found.length === 1);
    waited.process.kill('SIGINT');
    const { code, stdout } = await waited.ended;
    const interrupted = JSON.parse(stdout) as Told;
    expect(code).toBe(130);
    expect(interrupted.kept).toEqual([
      expect.stringContaining(`The request remains: workflow ${workflowId}`),
    ]);
    expect(stateOf(interrupted, 'DynamoDB', one.pipeline)).toBe('ok');
    removal = undefined;
    await harness.client.workflow.getHandle(workflowId).terminate();
  });

  test('keeps the newest staging of a run that can be continued, until a later run is live', async () => {
    const { config, pipeline, schema } = configured();
    await harness.runToEnd({ pipeline, run: 'first' });
    await harness.runToEnd({ pipeline, run: 'stopped', to: 'prepare' });
    // As if it had been prepared again, because its first staging could not be trusted.
    await harness.sql(`CREATE SCHEMA "${schema}__stopped_2"`);
    const leftoversOnce = (isRight: (names: string[], told: Told) => boolean) =>
      until(
        () => told('--config', config),
        (found) =>
          isRight(
            found.leftovers.flatMap((each) => (each.kind === 'schema' ? each.name : [])),
            found,
          ),
      );
    const found = await leftoversOnce((names) => names.length === 1);
    expect(found.leftovers).toMatchObject([
      { name: `${schema}__stopped_1`, why: expect.stringContaining('newer') },
    ]);
    expect(found.checks.find(({ area }) => area === 'leftovers')?.found).toContain(
      `kept, because their runs can be continued: ${schema}__stopped_2 (run stopped)`,
    );
    await harness.sql(`DROP SCHEMA "${schema}__stopped_2"`);
    const { checks } = await leftoversOnce((names) => names.length === 0);
    expect(checks.find(({ area }) => area === 'leftovers')).toMatchObject({ state: 'ok' });
    expect(await told('--config', config, '--yes')).toMatchObject({ removed: [] });
    await harness.runToEnd({ pipeline, run: 'stopped', from: 'load' });
    expect(await harness.rowsOf(schema, table)).toHaveLength(1);

    await harness.runToEnd({ pipeline, run: 'overtaken', to: 'prepare' });
    await harness.runToEnd({ pipeline, run: 'later' });
    const { leftovers } = await leftoversOnce((names) => names.includes(`${schema}__overtaken_1`));
    expect(leftovers).toContainEqual(
      expect.objectContaining({
        name: `${schema}__overtaken_1`,
        why: expect.stringContaining('older than live'),
      }),
    );
  });

  test('finds staging whose run directory is gone, of this pipeline only', async () => {
    const { config, pipeline, schema, definition } = configured();
    await (await harness.start({ pipeline, run: 'pruned', to: 'prepare' })).result();
    const directory = runDirectory({ ...definition.staging, pipeline, run: 'pruned' });
    const keys: string[] = [];
    for await (const { key } of harness.store.list(`${directory}/`)) keys.push(key);
    await harness.store.delete(keys);
    const name = `${schema}__pruned_1`;
    const leftovers = await until(
      async () => (await told('--config', config)).leftovers,
      (found) => found.length > 0,
    );
    expect(leftovers).toMatchObject([{ kind: 'schema', name, why: expect.stringContaining('is gone') }]);

    await harness.sql(`UPDATE "${name}"."_tributary_marker" SET "pipeline" = 'another'`);
    expect(await told('--config', config)).toMatchObject({ leftovers: [] });
  });

  test('reports what it knows at once, and gives up on workers that have just died', async () => {
    const { config, pipeline } = configured();
    const gone = uniqueName('gone');
    const { workflowService, connection } = harness.client;
    await workflowService.registerNamespace({
      namespace: gone,
      workflowExecutionRetentionPeriod: { seconds: (30 * 24 * 3600) as never },
    });
    const request = (name: string) => ({ namespace: gone, identity: 'died', taskQueue: { name } });
    const polled = await Promise.allSettled([
      connection.withDeadline(Date.now() + 3000, () =>
        workflowService.pollWorkflowTaskQueue(request('tributary')),
      ),
      connection.withDeadline(Date.now() + 3000, () =>
        workflowService.pollActivityTaskQueue(request('tributary-extract')),
      ),
    ]);
    expect(polled).toHaveLength(2);
    const environment = { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: gone };
    const begun = startCommand(['doctor', '--config', config, '--timeout', '3'], { environment });
    await begun.seen(/✓ +workers +queue tributary +1 worker: died/);
    const { code, stdout } = await begun.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(
        `^Problems\\n✗ +workers +answer +No answer within 3 seconds.*was terminated.*\\n +→ .*\\n +in pipeline ${pipeline}\\n`,
      ),
    );
    expect(stdout).toMatch(/\? +Redshift +all +not checked/);
    expect(stdout).toMatch(/^1 problem, .*, 4 unknown$/m);
    const [, workflowId = ''] = /read-only workflow (\S+) was terminated/.exec(stdout) ?? [];
    const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution({
      namespace: gone,
      execution: { workflowId },
    });
    expect(workflowExecutionInfo?.closeTime).toBeTruthy();

    const waited = startCommand(['doctor', '--config', config], { environment });
    const query = `ExecutionStatus='Running'`;
    await until(
      () => workflowService.listWorkflowExecutions({ namespace: gone, query }),
      // The list may still have the one that was terminated.
      ({ executions }) => executions?.some(({ execution }) => execution?.workflowId !== workflowId) ?? false,
    );
    waited.process.kill('SIGINT');
    expect(await waited.ended).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(
        /workers +answer +Interrupted\. The read-only workflow check-\S+ was terminated/,
      ),
    });
  });

  test('still reports what it can without a worker and without a configuration', async () => {
    const { config } = configured();
    const unpolled = uniqueName('unpolled');
    await harness.client.workflowService.registerNamespace({
      namespace: unpolled,
      workflowExecutionRetentionPeriod: { seconds: (30 * 24 * 3600) as never },
    });
    const environment = { ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: unpolled };
    const { code, stdout } = await command(['doctor', '--config', config], environment);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ +workers +queue tributary +no worker is polling it\n +→ Start one: npx tributary worker/,
    );

    const broken = join(directory, 'broken.yaml');
    writeFileSync(broken, 'pipelines:\n  x: { tabel: y }\n');
    const problems = await command(['doctor', '--problems', '--config', config], environment);
    expect(problems.stdout).toMatch(/^Problems\n✗ +workers/);
    expect(problems.stdout).not.toMatch(/^[✓!?]/m);
    const { checks } = JSON.parse(
      (await command(['doctor', '--problems', '--json', '--config', config], environment)).stdout,
    ) as Told;
    expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(['problem']));
    const mistaken = await run('--config', broken);
    expect(mistaken).toMatchObject({ code: 1, stdout: expect.stringContaining('tabel') });
    const away = await command(['doctor', '--config', config], { TRIBUTARY_TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(away).toMatchObject({ code: 1, stdout: expect.stringContaining('Temporal cannot be reached') });
  });

  test('checks loaders and datasets, too', async () => {
    const found = await told('--config', others);
    expect(problems(found)).toMatchObject([
      {
        loader: 'arrivals',
        area: 'Redshift',
        what: 'table',
        found: expect.stringContaining('does not exist'),
      },
    ]);
    const ofDataset = found.checks.filter(({ dataset }) => dataset === 'records');
    expect(ofDataset.map(({ area, what, state }) => `${area} ${what} ${state}`).toSorted()).toEqual([
      ...['DuckDB engine ok', 'Glue table ok', 'S3 files ok', 'S3 lifecycle of the files ok'],
      ...['S3 lifecycle of the table ok', 'S3 reading files ok', 'S3 store ok'],
      ...['SQS queue ok', 'configuration record module ok'],
    ]);

    const catalogue = harness.dependencies.catalogue(undefined);
    await catalogue.createDatabase(database);
    const address = { database, table: 'records' };
    await catalogue.createTable(address, {
      ...{ columns: [{ name: 'id', type: 'string' }], partitionKeys: [{ name: 'day', type: 'date' }] },
      ...{ location: 's3://lake/x/', parameters: { 'projection.enabled': 'true' } },
    });
    const { code, stdout } = await run('--config', others, '--dataset', 'records');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ +Glue +table +The table \S+\.records .* partition projection/);
    expect(stdout).toMatch(/in dataset records\n/);
    expect(stdout).not.toContain('arrivals');
    expect(await run('--config', others, '--dataset', 'record')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "records"?'),
    });
  });
});
