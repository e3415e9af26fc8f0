import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { importLoaders } from '../../../../src/cli/loader/import-loaders.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';

const sample = (table: string) => ({
  copy: { options: 'CSV', role_arn: 'arn:aws:iam::123456789012:role/copy', table_name: `sales.${table}` },
  cluster: { identifier: 'dwh', db_name: 'dev' },
  options: { merge_duplicate_pks: true, merge_pk: 'id', merge_timestamp: 'at' },
});

const GIVEN = {
  bucket: 'landing',
  prefix: '{table}/',
  queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/',
  stagingBucket: 'tributary',
};

const PIPELINES = `# Ours.
pipelines:
  nobel:
    source: { table: nobel }
    staging: { bucket: tributary }
    warehouse: { workgroup: local, database: dev, iamRole: default }
`;

let folder: string;
let files: string[];
let output: { out: string; err: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-import-'));
  files = ['orders', 'clicks'].map((name) => {
    const file = join(folder, `${name}_queue.json`);
    writeFileSync(file, JSON.stringify(sample(name)));
    return file;
  });
  output = { out: '', err: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output.out += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    output.err += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe('tributary loader import', () => {
  test('prints the loaders', async () => {
    await importLoaders(files, GIVEN);
    expect(Object.keys(parseConfig(output.out, 'f').loaders)).toEqual(['orders', 'clicks']);
    expect(output.err).toBe('');
  });

  test('prints what is open, and reports it', async () => {
    await importLoaders(files, {});
    expect(() => parseConfig(output.out, 'f')).toThrow('loaders.orders.source.bucket');
    expect(output.err).toContain('Before "config check" accepts this:');
    expect(output.err).toContain('loaders.clicks.source.queue');
  });

  test('adds them to the configuration, and keeps everything else', async () => {
    const config = join(folder, 'tributary.yaml');
    writeFileSync(config, PIPELINES);
    await importLoaders(files, { ...GIVEN, write: true, config });
    const text = readFileSync(config, 'utf8');
    expect(text.startsWith(PIPELINES)).toBe(true);
    expect(Object.keys(parseConfig(text, 'f').loaders)).toEqual(['orders', 'clicks']);
    expect(Object.keys(parseConfig(text, 'f').pipelines)).toEqual(['nobel']);
  });

  test('creates the configuration if there is none', async () => {
    const config = join(folder, 'new.yaml');
    await importLoaders(files, { ...GIVEN, write: true, config });
    expect(Object.keys(parseConfig(readFileSync(config, 'utf8'), 'f').loaders)).toEqual(['orders', 'clicks']);
  });

  test.each<[string, object, string]>([
    [
      'settings are open',
      { bucket: undefined },
      'these settings are open: orders.source.bucket, clicks.source.bucket',
    ],
    [
      'files would share a queue',
      { queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/q' },
      '--queue: with several files',
    ],
    ['files would share a prefix', { prefix: 'in/' }, '--prefix: with several files'],
    [
      'staging would be loaded',
      { stagingBucket: 'landing', stagingPrefix: 'orders/x' },
      'staging.prefix: expected a prefix apart',
    ],
  ])('writes nothing if %s', async (_what, more, message) => {
    const config = join(folder, 'tributary.yaml');
    writeFileSync(config, PIPELINES);
    await expect(importLoaders(files, { ...GIVEN, ...more, write: true, config })).rejects.toThrow(message);
    expect(readFileSync(config, 'utf8')).toBe(PIPELINES);
  });

  test('adds a loader once', async () => {
    const config = join(folder, 'tributary.yaml');
    const write = () => importLoaders(files, { ...GIVEN, write: true, config });
    await write();
    const text = readFileSync(config, 'utf8');
    await expect(write()).rejects.toThrow('this key occurs twice');
    expect(readFileSync(config, 'utf8')).toBe(text);
  });

  test('refuses two files that would become one loader', async () => {
    const other = join(folder, 'orders-queue.json');
    writeFileSync(other, JSON.stringify(sample('orders')));
    await expect(importLoaders([...files, other], GIVEN)).rejects.toThrow(
      'orders_queue.json and orders-queue.json would both become loader orders',
    );
  });
});
