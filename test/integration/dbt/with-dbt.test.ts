import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { findDbt } from './find-dbt.ts';
import { pageSteps } from './page-steps.ts';

const found = findDbt();
if ('absent' in found) process.stderr.write(`dbt is not tested, because it is absent: ${found.absent}\n`);
const withDbt = 'absent' in found ? describe.skip : describe;
const LAUNCHER = fileURLToPath(new URL('../../../bin/tributary.js', import.meta.url));

interface Results {
  readonly results: readonly { readonly unique_id: string; readonly status: string }[];
}

withDbt('docs/dbt.md, on the PostgreSQL beneath the local Redshift', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  const { pipeline, schema, definition } = harness.define(table, {
    warehouse: { runColumns: true },
    descriptions: { columns: { bornCity: 'Not {{ a_macro() }}, {% not a block %}: "quoted"' } },
  });
  const project = harness.directory();
  const marts = uniqueName('marts');
  const { files, commands } = pageSteps();
  /** The page's names, replaced by those of this test. */
  const named = (text: string) =>
    text
      .replaceAll("source('nobel', 'nobel", `source('${schema}', '${table}`)
      .replaceAll('schema: marts', `schema: ${marts}`)
      .replaceAll('npx tributary', `${process.execPath} ${LAUNCHER}`);

  /** Runs a command of the page in the project. */
  function sh(command: string): { readonly code: number | null; readonly output: string } {
    const postgres = new URL(testStack().postgres.url);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', named(command)], {
      cwd: project,
      encoding: 'utf8',
      env: {
        ...process.env,
        ...harness.environment,
        TRIBUTARY_CONFIG: join(project, 'tributary.yaml'),
        PATH: `${'bin' in found ? found.bin : ''}${delimiter}${process.env.PATH}`,
        PGHOST: postgres.hostname,
        PGPORT: postgres.port,
        PGUSER: postgres.username,
        PGPASSWORD: postgres.password,
        PGDATABASE: postgres.pathname.slice(1),
        NO_COLOR: '1',
      },
    });
    return { code: status, output: stdout + stderr };
  }
  const target = (file: string) => JSON.parse(readFileSync(join(project, 'target', file), 'utf8')) as Results;

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
    await harness.startWorkers();
    await harness.runToEnd({ pipeline, run: 'first' });
    writeFileSync(join(project, 'tributary.yaml'), stringify({ pipelines: { [pipeline]: definition } }));
    for (const [file, text] of files) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), named(text));
    }
  });

  test('has the files and commands that this test runs', () => {
    expect([...files.keys()]).toEqual(['dbt_project.yml', 'profiles.yml', 'models/prizes_by_year.sql']);
    expect(commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
      'npx tributary',
      'cp tributary-docs/sources.yml',
      'dbt parse',
      'dbt source',
      'dbt build',
    ]);
  });

  test('works as it is written: dbt accepts the sources, finds them fresh, and passes its tests', async () => {
    for (const command of commands) expect({ command, ...sh(command) }).toMatchObject({ command, code: 0 });
    const { results } = target('run_results.json');
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['pass', 'success']));
    expect(results.filter(({ unique_id: id }) => id.startsWith('test.')).length).toBeGreaterThan(10);
    const sources = target('sources.json').results;
    expect(sources.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
    const [prizes] = await harness.sql(`SELECT sum(prizes) AS n FROM "${marts}".prizes_by_year`);
    expect(Number(prizes?.n)).toBe(1012);
  });

  test('fails when it should: an old source is late, and a NULL is found', async () => {
    await harness.sql(`UPDATE "${schema}"."${table}" SET _tributary_extracted_at = '2026-01-01 00:00:00+00'`);
    expect(sh('dbt source freshness')).toMatchObject({
      code: 1,
      output: expect.stringMatching(new RegExp(`ERROR STALE freshness of ${schema}\\.${table}\\b`)),
    });
    await harness.sql(
      `ALTER TABLE "${schema}"."${table}" DROP COLUMN _tributary_run`,
      `ALTER TABLE "${schema}"."${table}" ADD COLUMN _tributary_run VARCHAR(256)`,
    );
    expect(sh(`dbt test --select source:${schema}.${table}`)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/FAIL 1680 source_not_null_/),
    });
  });
});
