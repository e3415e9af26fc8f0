import { expect, test } from '@jest/globals';
import { connections, valuesOfDay } from '../../../../../src/pipeline/datasets/catalogue/connections.ts';

const address = { database: 'datawarehouse', table: 'requests' };
const options = { region: 'eu-west-1', schema: 'lake', role: undefined };
const day = '2026-11-01';

test('Athena and Redshift read a day’s partition; Redshift by an external schema', () => {
  const partitionKeys = [{ name: 'day', type: 'date' }];
  const { athena, redshift, sources } = connections(address, { ...options, partitionKeys, values: [day] });
  expect(athena).toBe(`SELECT * FROM "datawarehouse"."requests"\nWHERE "day" = DATE '2026-11-01'\nLIMIT 10;`);
  expect(redshift).toBe(
    [
      'CREATE EXTERNAL SCHEMA IF NOT EXISTS "lake"',
      "FROM DATA CATALOG DATABASE 'datawarehouse' REGION 'eu-west-1'",
      'IAM_ROLE default;',
      '',
      'SELECT * FROM "lake"."requests"',
      `WHERE "day" = '2026-11-01'`,
      'LIMIT 10;',
    ].join('\n'),
  );
  expect(sources.map(({ value }) => value)).toContain(
    'jdbc:athena://Region=eu-west-1;Database=datawarehouse;WorkGroup=<workgroup>',
  );
});

test('several partition columns are compared one by one, and a role is named', () => {
  const columns = ['year', 'month', 'day', 'hour'];
  const partitionKeys = columns.map((name) => ({ name, type: 'string' }));
  const role = 'arn:aws:iam::123456789012:role/spectrum';
  const values = valuesOfDay({ columns, unit: 'hour' }, day);
  const { athena, redshift } = connections(address, { ...options, partitionKeys, role, values });
  expect(athena).toContain(`WHERE "year" = '2026' AND "month" = '11' AND "day" = '01' AND "hour" = '00'`);
  expect(redshift).toContain(`IAM_ROLE '${role}';`);
});

test('an example names the partition of a day', () => {
  expect(valuesOfDay({ unit: 'day' }, day)).toEqual(['2026-11-01']);
  expect(valuesOfDay({ unit: 'hour' }, day)).toEqual(['2026-11-01-00']);
  expect(valuesOfDay({ unit: 'month' }, day)).toEqual(['2026-11']);
  expect(valuesOfDay({ columns: ['y', 'm', 'd'], unit: 'day' }, day)).toEqual(['2026', '11', '01']);
});
