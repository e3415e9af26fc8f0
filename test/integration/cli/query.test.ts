import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command } from './command-line.ts';

describe('tributary query', () => {
  const harness = withHarness();
  const { pipeline, schema, definition } = harness.define(uniqueName('things'));
  const config = () => join(harness.directory(), 'tributary.yaml');

  beforeAll(async () => {
    writeFileSync(config(), stringify({ pipelines: { [pipeline]: definition } }));
    await harness.sql(
      `CREATE SCHEMA "${schema}"`,
      `CREATE TABLE "${schema}".things (id VARCHAR(16), n BIGINT, made TIMESTAMPTZ)`,
      `INSERT INTO "${schema}".things VALUES ('a', 9223372036854775807, '2026-11-29 12:00:00+00'), ('b', NULL, NULL)`,
    );
  });

  const query = (...words: string[]) =>
    command(['query', ...words, '--config', config()], harness.environment);

  test('finds tables in the live schema, and prints a table, JSON or CSV', async () => {
    const sql = 'select id, n from things order by id;';
    const [asTable, asJson, asCsv] = await Promise.all([
      query(sql),
      query('--json', sql),
      query('--csv', sql),
    ]);
    expect(asTable).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'id                    n\na   9223372036854775807\nb\n2 rows\n',
    });
    expect(asJson.stdout).toBe('{"id":"a","n":"9223372036854775807"}\n{"id":"b","n":null}\n');
    expect(asCsv.stdout).toBe('id,n\na,9223372036854775807\nb,\n');
  });

  test('writes only if asked to, even from a query', async () => {
    const insert = `insert into "${schema}".things values ('c')`;
    expect(await query(insert)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"INSERT" is not a query'),
    });
    expect(await query(`select 1 into "${schema}".made`)).toMatchObject({ code: 1 });
    expect(await harness.tablesOf(schema)).toEqual(['things']);
    expect(await query('--write', insert)).toMatchObject({
      ...{ code: 0, stdout: '' },
      stderr: expect.stringContaining('INSERT done.'),
    });
    expect((await query('--csv', 'select count(*) as n from things')).stdout).toBe('n\n3\n');
  });

  test('shows Redshift’s message, without a stack trace', async () => {
    const { code, stderr } = await query('select * from nowhere');
    expect(code).toBe(1);
    expect(stderr).toMatch(/relation "nowhere" does not exist/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
