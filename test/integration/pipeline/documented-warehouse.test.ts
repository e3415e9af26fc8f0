import { beforeAll, describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { uniqueName } from './harness.ts';
import { readManifest } from './warehouse-items.ts';
import { withHarness } from './with-harness.ts';

describe('a documented warehouse', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');

  beforeAll(async () => {
    await harness.createTable(table, nobelItems());
    await harness.startWorkers();
  });

  const commentsIn = async (schema: string) =>
    new Map(
      (
        await harness.sql(
          `SELECT c.relname || COALESCE('.' || a.attname, '') AS "what", d.description AS "text" FROM pg_description d
           JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 1259 JOIN pg_namespace n ON n.oid = c.relnamespace
           LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
           WHERE n.nspname = '${schema}'`,
        )
      ).map(({ what, text }) => [String(what), String(text)]),
    );

  test('has comments on everything, which each run renews; those of users stay', async () => {
    const { pipeline, schema, definition } = harness.define(table, {
      descriptions: {
        schema: 'Who won a Nobel prize',
        tables: { 'prizes[]': 'One prize of a laureate' },
        columns: { bornCountryCode: 'ISO 3166 code of the country of birth', nowhere: 'A typo' },
      },
    });
    const first = await harness.runToEnd({ pipeline, run: 'first' });
    const { notes } = await readManifest(harness, { pipeline, schema, definition }, 'first');
    expect(notes).toContain('descriptions.columns describes nowhere, which no run ever saw');
    const prizes = (first.tables.find(({ table: name }) => name.endsWith('__prizes')) as { table: string })
      .table;
    const before = await commentsIn(schema);
    expect(before.get(prizes)).toBe(
      `One prize of a laureate. DynamoDB ${table}: one row per member of prizes, 1012 rows. Join ${table} on pk, sk. [tributary]`,
    );
    expect(before.get(`${prizes}.year`)).toBe('DynamoDB prizes[].year (number), in all rows. [tributary]');
    expect(before.get(`${table}.born_country_code`)).toMatch(
      /^ISO 3166 code of the country of birth\. DynamoDB bornCountryCode \(string\), in \d+\.\d% of rows\. \[tributary\]$/,
    );
    expect(before.get('_tributary_marker')).toMatch(/^Tributary’s own: /);
    const [onSchema] = await harness.sql(
      `SELECT d.description AS "text" FROM pg_description d JOIN pg_namespace n ON n.oid = d.objoid AND d.classoid = 2615 WHERE n.nspname = '${schema}'`,
    );
    expect(onSchema?.text).toMatch(
      new RegExp(
        `^Who won a Nobel prize\\. Copy of DynamoDB table ${table} by pipeline ${pipeline}, run first, `,
      ),
    );

    await harness.sql(`COMMENT ON TABLE "${schema}"."${table}" IS 'Ours, by hand'`);
    await harness.runToEnd({ pipeline, run: 'second' });
    const after = await commentsIn(schema);
    expect(after.get(table)).toBe('Ours, by hand');
    expect(new Set(after.keys())).toEqual(new Set(before.keys()));
  });

  test('has the run and its start in every row if asked for, with the same part files', async () => {
    const { pipeline, schema } = harness.define(table, { warehouse: { runColumns: true } });
    const { tables } = await harness.runToEnd({ pipeline, run: 'stamped' });
    const [marker] = await harness.sql(`SELECT extracted_from FROM "${schema}"._tributary_marker`);
    for (const { table: name, rows } of tables) {
      const found = await harness.sql(
        `SELECT _tributary_run AS run, _tributary_extracted_at AT TIME ZONE 'UTC' AS at, count(*) AS n
         FROM "${schema}"."${name}" GROUP BY 1, 2`,
      );
      expect(found).toEqual([{ run: 'stamped', at: expect.anything(), n: rows }]);
      expect(Date.parse(`${String(found[0]?.at).replace(' ', 'T')}Z`)).toBe(
        Date.parse(String(marker?.extracted_from)),
      );
    }
  });

  test('shows its readers everything but Tributary’s own tables', async () => {
    const { pipeline, schema } = harness.define(table);
    const reader = uniqueName('reader');
    await harness.runToEnd({ pipeline, run: 'first' });
    await harness.sql(`CREATE USER "${reader}" PASSWORD DISABLE`);
    await harness.sql(`GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${reader}"`);
    const granted = async () =>
      (
        await harness.sql(
          `SELECT relation_name AS "name" FROM svv_relation_privileges WHERE namespace_name = '${schema}' AND identity_name = '${reader}' ORDER BY 1`,
        )
      ).map(({ name }) => String(name));
    const before = await granted();
    expect(before).toContain('_tributary_marker');
    await harness.runToEnd({ pipeline, run: 'second' });
    expect(await granted()).toEqual(before.filter((name) => !name.startsWith('_tributary')));
  });
});
