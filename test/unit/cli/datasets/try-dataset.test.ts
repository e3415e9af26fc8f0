import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { tryDataset } from '../../../../src/cli/datasets/try-dataset.ts';
import { packageFile } from '../../../../src/installation/package-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'try-dataset-'));
afterAll(() => rmSync(directory, { recursive: true }));

let output = '';
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(() => void jest.restoreAllMocks());

const config = packageFile('examples/access-records/tributary.yaml');

/** Two records in one line, and one of each kind that is set aside. */
const SAMPLE = [
  '{"instance":"007","payload":{"sessionId":"a","timestamp":1698796800000}}{"payload":{"sessionId":"b","timestamp":1698796799999}}',
  '{"payload":{"timestamp":"x"}}',
  '{"payload":{}}{"payload":{"timestamp":0}}',
  'oops',
  '{"payload":{',
].join('\n');

function sample(name: string, bytes: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return file;
}

test('every record of a file is a row of a partition, or set aside with its reason', async () => {
  const file = sample('sample.gz', gzipSync(SAMPLE));
  expect(await tryDataset('access_records', { file, config, json: true })).toBe(1);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ line, partition, reason }) => [line, partition ?? reason])).toEqual([
    [1, 'record_date=2023-11-01'],
    [1, 'record_date=2023-10-31'],
    [2, expect.stringContaining('column timestamp: expected timestamp, got text')],
    [3, 'column record_date: NULL, so that the record has no partition'],
    [3, expect.stringContaining('column record_date: a day that is not from 2011-01-01 to ')],
    [4, 'not a JSON object'],
    [5, 'the file ends inside this record'],
  ]);
  expect(lines[4]).toMatchObject({ raw: '{"payload":{"timestamp":0}}', detail: '1970-01-01', file });
  expect(lines[0]?.row).toMatchObject({
    session_id: 'a',
    instance: '7',
    timestamp: '2023-11-01T00:00:00.000000Z',
    client: 'UNKNOWN',
  });
});

test('without --json, rows, partitions and rejects are tables', async () => {
  const file = sample('sample.json', SAMPLE);
  expect(await tryDataset('access_records', { file, config, limit: 1 })).toBe(1);
  expect(output).toContain('line 1, record_date=2023-11-01');
  expect(output).not.toContain('line 1, record_date=2023-10-31');
  expect(output).toMatch(/record_date=2023-10-31 +1\n/);
  expect(output).toMatch(/\n2 rows in 2 partitions, 5 records set aside; module [0-9a-f]{32}\n$/);
});

test('what is wrong is an error of usage', async () => {
  const file = sample('truncated.gz', gzipSync(SAMPLE).subarray(0, 60));
  const usage = (message: string) =>
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) });
  await expect(tryDataset('access_records', { file, config })).rejects.toEqual(
    usage('the gzip data is damaged or ends early'),
  );
  const missing = join(directory, 'missing');
  await expect(tryDataset('access_records', { file: missing, config })).rejects.toEqual(usage('Cannot read'));
  await expect(tryDataset('access_record', { file, config })).rejects.toEqual(
    usage('(did you mean "access_records"?)'),
  );
});
