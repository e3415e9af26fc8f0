import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { showCatalogue } from '../../../../src/cli/datasets/show-catalogue.ts';
import { packageFile } from '../../../../src/installation/package-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'show-catalogue-'));
afterAll(() => rmSync(directory, { recursive: true }));

let output = '';
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION'])
    jest.replaceProperty(process, 'env', { ...process.env, [name]: '' });
});
afterEach(() => void jest.restoreAllMocks());

const config = packageFile('examples/access-records/tributary.yaml');

test('the example’s table is described, with SQL and data sources', async () => {
  expect(await showCatalogue('access_records', { config, schema: 'lake' })).toBe(0);
  expect(output).toMatch(
    /^datawarehouse\.processedaccessrecord in the Glue catalogue: 26 columns, partitioned by record_date \(date\)\nFiles in s3:\/\/lake\/processedAccessRecord\/\n/,
  );
  expect(output).toMatch(
    /\nAthena\n {2}SELECT \* FROM "datawarehouse"\."processedaccessrecord"\n {2}WHERE "record_date" = DATE '\d{4}-\d\d-\d\d'\n/,
  );
  expect(output).toMatch(
    /\nRedshift\n {2}CREATE EXTERNAL SCHEMA IF NOT EXISTS "lake"\n.* REGION '<region>'\n {2}IAM_ROLE default;\n\n {2}SELECT/,
  );
  expect(output).toContain('\n  Athena, JDBC    jdbc:athena://Region=<region>;Database=datawarehouse;');
});

test('as JSON it has the columns with their comments', async () => {
  expect(await showCatalogue('access_records', { config, json: true })).toBe(0);
  const { table, columns, partitionKeys, sources } = JSON.parse(output) as Record<string, never[]>;
  expect(table).toBe('datawarehouse.processedaccessrecord');
  expect(columns).toHaveLength(26);
  expect(columns).toContainEqual({ name: 'session_id', type: 'string', comment: expect.any(String) });
  expect(partitionKeys).toMatchObject([{ name: 'record_date', type: 'date' }]);
  expect(sources).toHaveLength(4);
});

test('a dataset without a catalogue says how it gets one', async () => {
  const file = join(directory, 'tributary.yaml');
  writeFileSync(
    file,
    [
      'datasets:',
      '  requests:',
      '    source: { bucket: logs, prefix: raw/ }',
      '    records: ./records.ts',
      '    partition: { column: day }',
      '    store: { bucket: lake, prefix: requests }',
    ].join('\n'),
  );
  await expect(showCatalogue('requests', { config: file })).rejects.toThrow(
    'Dataset requests has no catalogue: set datasets.requests.store.catalogue, e.g. { kind: glue, database: lake, table: requests }.',
  );
  await expect(showCatalogue('request', { config: file })).rejects.toThrow('No dataset "request"');
});
