import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { content, loadTable, shop, telemetry } from '../../../examples/three-tables.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { definitionsOf } from '../../../src/pipeline/definition/pipeline.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { startCommand } from '../cli/command-line.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

/** What the README's "Your own table" promises, with the commands that it names: no YAML is written by hand. */
describe('from nothing to three of one’s own tables', () => {
  const harness = withHarness();
  const directory = harness.directory();
  const account = uniqueName('acme').replace('_', '-');
  const tables = [shop(), telemetry(), content()].map((table) => ({
    ...table,
    name: table.name.replace('acme', account),
  }));
  const [shopName = '', telemetryName = '', contentName = ''] = tables.map(({ name }) => name);
  const schemaOf = (table: string) => table.replaceAll('-', '_');

  const tributary = (...words: string[]) =>
    startCommand(words, {
      directory,
      environment: {
        ...harness.environment,
        TRIBUTARY_CONFIG: 'tributary.yaml',
        TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
      },
    }).ended;
  const destination = () => {
    const { s3, redshiftData } = testStack();
    return [
      '--bucket',
      s3.bucket,
      '--workgroup',
      redshiftData.workgroup,
      '--database',
      redshiftData.database,
    ];
  };
  /** The worker of the test reads the same file as a worker would. */
  const useFile = () => {
    const text = readFileSync(join(directory, 'tributary.yaml'), 'utf8');
    const { pipelines } = parseConfig(text, 'tributary.yaml');
    for (const [name, definition] of Object.entries(pipelines)) harness.definitions.set(name, definition);
    return text;
  };

  beforeAll(async () => {
    for (const table of tables) await loadTable(harness.dynamodb, table);
    await harness.startWorkers();
  });

  test('init says what is missing, all at once, and writes nothing', async () => {
    const nowhere = await tributary('init', '--table', shopName, '--yes');
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.stderr).toContain('Give --bucket <name> and --workgroup <name>');
    const dry = await tributary('init', '--table', shopName, '--yes', '--dry-run', ...destination());
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"[carts].expiresAt": { epoch: s }'),
    });
    const unknown = await tributary('init', '--table', `${account}-shoop`, '--yes', ...destination());
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain(`did you mean "${shopName}"?`);
    expect((await tributary('config', 'check')).stderr).toContain('there is no such file');
  });

  test('init writes a file that is valid, with what it found in the tables', async () => {
    const written = await tributary('init', '--table', shopName, telemetryName, '--yes', ...destination());
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining('Wrote tributary.yaml') });
    expect(written.stdout).toContain(` run ${shopName} ${telemetryName} --wait`);
    expect(written.stderr).toContain('entities  orders, customers, ');
    const before = readFileSync(join(directory, 'tributary.yaml'), 'utf8');
    const added = await tributary('init', '--table', contentName, '--yes');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Added to tributary.yaml') });
    // The file may have pipelines whose tables do not exist yet: what comes next is about those that were added.
    expect(added.stdout).toContain(` run ${contentName} --wait`);
    const after = useFile();
    expect(after.startsWith(before)).toBe(true);
    expect(after).toContain('reactions: { asRows: true }');
    expect(await tributary('config', 'check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('tributary.yaml: 3 pipelines'),
    });
    const again = await tributary('init', '--table', contentName, '--yes');
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain(`already has a pipeline ${contentName}. Choose another one with --name`);
  });

  test('init adds nothing to a file with problems, nor to pipelines in braces', async () => {
    const file = join(directory, 'other.yaml');
    const add = () => tributary('init', '--table', shopName, '--yes', '--config', file, ...destination());
    for (const [text, problem] of [
      ['pipelines:\n  a: {}\n', 'other.yaml:2:3 pipelines.a: Missing key: "source"'],
      [
        `pipelines: ${JSON.stringify({ a: harness.define(shopName).definition })}\n`,
        'writes its pipelines in braces',
      ],
    ] as const) {
      writeFileSync(file, text);
      expect(await add()).toMatchObject({ code: 2, stderr: expect.stringContaining(problem) });
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  test('plan shows what would be read and created', async () => {
    const { code, stdout } = await tributary('plan', shopName, telemetryName, contentName);
    expect(code).toBe(0);
    expect(stdout).toContain('All 3 pipelines: 1,533 items');
    expect(stdout).toMatch(/orders__lines +500 +6/);
  });

  test('run copies them, and ends with one summary', async () => {
    const { code, stdout, stderr } = await tributary('run', shopName, telemetryName, contentName, '--json');
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('All 3 pipelines done'),
    });
    const { status, runs } = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
      status: string;
      runs: { pipeline: string; items: number; rejects: number }[];
    };
    expect(status).toBe('done');
    expect(runs.map(({ pipeline, items, rejects }) => [pipeline, items, rejects])).toEqual(
      tables.map(({ name, items }) => [name, items.length, 0]),
    );
  });

  test('the rows can be queried: times of numbers, lists, dictionaries', async () => {
    const shopSchema = schemaOf(shopName);
    expect(
      await harness.sql(
        `SELECT c.name, COUNT(*) AS lines, SUM(l.quantity) AS pieces FROM ${shopSchema}.customers c
         JOIN ${shopSchema}.orders__lines l ON l.pk = c.pk GROUP BY c.name ORDER BY c.name LIMIT 1`,
      ),
    ).toEqual([{ name: 'Customer 0', lines: 5, pieces: '9' }]);
    expect(
      await harness.sql(`SELECT to_char(MIN(expires_at), 'YYYY-MM-DD') AS day FROM ${shopSchema}.carts`),
    ).toEqual([{ day: '2026-02-04' }]);
    expect(
      await harness.sql(
        `SELECT COUNT(*) AS readings, to_char(MAX(received_at), 'YYYY-MM-DD HH24:MI') AS last
         FROM ${schemaOf(telemetryName)}.${schemaOf(telemetryName)}`,
      ),
    ).toEqual([{ readings: 1200, last: '2026-01-06 08:45' }]);
    const cms = schemaOf(contentName);
    expect(
      await harness.sql(
        `SELECT COUNT(*) AS articles, COUNT(published_at) AS published, to_char(MAX(updated_ms), 'YYYY-MM-DD') AS updated
         FROM ${cms}.${cms}`,
      ),
    ).toEqual([{ articles: 60, published: 48, updated: '2026-03-05' }]);
    expect(await harness.rowsOf(cms, `${cms}__reactions`)).toHaveLength(180);
    const asked = await tributary('query', `select count(*) as n from ${cms}.${cms}__blocks`, '--csv');
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringMatching(/n\n180\b/) });
  });

  test('a pattern stands for one pipeline per table, and a run that fails costs the others nothing', async () => {
    const file = join(directory, 'pattern.yaml');
    const { pipelines } = parseConfig(readFileSync(join(directory, 'tributary.yaml'), 'utf8'), 'x');
    const [{ staging, warehouse } = {}] = Object.values(pipelines).flatMap((each) =>
      Object.values(definitionsOf(each)),
    );
    const { schema: _, ...shared } = warehouse!;
    const text = stringify({
      defaults: { staging, warehouse: shared },
      pipelines: {
        all: {
          source: { table: `${account}-*`, except: ['*-content'] },
          warehouse: { schema: `p_{table}` },
        },
        gone: { source: { table: `${account}.gone` } },
      },
      schedules: { nightly: { pipeline: 'all', every: '1d' } },
    });
    writeFileSync(file, text);
    const checked = await tributary('config', 'check', '--config', file);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('2 tables') });
    expect(checked.stdout).toContain(`all-shop       dynamodb ${shopName}`);

    const ran = await tributary('run', 'all', 'gone', '--at-once', '1', '--config', file);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('✗ 2 of 3 pipelines done');
    expect(ran.stdout).toMatch(/✗ gone failed: .*has no table.*\n.*run gone/);
    const rows = await harness.rowsOf(`p_${schemaOf(shopName)}`, schemaOf(shopName));
    expect(rows).toHaveLength(273);

    const worker = dependenciesFromEnvironment(harness.environment, file);
    expect(await worker.definitionOf('all-shop')).toMatchObject({ source: { table: shopName } });
    await expect(worker.definitionOf('all-content')).rejects.toMatchObject({ code: 'UnknownPipeline' });
    const applied = await tributary('schedule', 'apply', '--json', '--config', file);
    expect(JSON.parse(applied.stdout)).toMatchObject({
      created: ['nightly-all-shop', 'nightly-all-telemetry'],
    });
    const { action } = await harness.client.schedule.getHandle('nightly-all-shop').describe();
    expect(action).toMatchObject({ args: [expect.objectContaining({ pipeline: 'all-shop' })] });

    const one = await tributary('plan', 'all', '--config', file);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('All 2 pipelines') });
    const refused = await tributary('run', 'all', '--run', 'x', '--config', file);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--run is for one run') });
  });
});
