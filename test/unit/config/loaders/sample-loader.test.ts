import { describe, expect, test } from '@jest/globals';
import { addEntries } from '../../../../src/config/add-entries.ts';
import { loaderLines, openSettings } from '../../../../src/config/loaders/loader-yaml.ts';
import {
  type ImportOptions,
  importSample,
  loaderName,
} from '../../../../src/config/loaders/sample-loader.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';

const ROLE = 'arn:aws:iam::123456789012:role/copy';
const SAMPLE = {
  copy: { options: 'CSV IGNOREHEADER 1 GZIP', role_arn: ROLE, table_name: 'sales.Orders' },
  cluster: { identifier: 'dwh', db_name: 'dev' },
  options: { merge_duplicate_pks: true, merge_pk: 'ID', merge_timestamp: 'Updated_At' },
};
const GIVEN = {
  bucket: 'landing',
  prefix: '{table}/{name}/',
  queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/',
  stagingBucket: 'tributary',
};

const imported = (more: object = {}, given: ImportOptions = GIVEN, file = 'orders_queue.json') =>
  importSample(JSON.stringify({ ...SAMPLE, ...more }), file, given);

/** The loader as a worker reads it. */
function asRead(loader: ReturnType<typeof imported>) {
  const text = addEntries('', 'f', 'loaders', [loaderLines(loader, 'orders_queue.json')]);
  return { text, loader: parseConfig(text, 'f').loaders[loader.name]! };
}

describe('the configuration of the sample loader', () => {
  test('is a loader that reads the same files into the same table', () => {
    const { loader } = asRead(imported());
    expect(loader).toMatchObject({
      source: {
        bucket: 'landing',
        prefix: 'orders/orders/',
        queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders_queue',
      },
      format: { kind: 'csv', header: true, compression: 'gzip' },
      target: {
        cluster: 'dwh',
        dbUser: 'redshift_data_api_user',
        database: 'dev',
        schema: 'sales',
        table: 'orders',
        iamRole: ROLE,
      },
      merge: { key: ['id'], newest: 'updated_at' },
      staging: { bucket: 'tributary', prefix: 'tributary' },
    });
  });

  test('without a schema means public, and says so', () => {
    const { text, loader } = asRead(imported({ copy: { role_arn: ROLE, table_name: '"orders"' } }));
    expect(loader.target).toMatchObject({ schema: 'public', table: 'orders' });
    expect(text).toContain('# Schema: "orders" has none');
  });

  test('that keeps several versions of a row becomes an append, and says how to merge', () => {
    const options = { merge_duplicate_pks: false, merge_pk: 'id', merge_timestamp: 'at' };
    const { text, loader } = asRead(imported({ options }));
    expect(loader.merge).toBeUndefined();
    expect(text).toContain('add merge: { key: [id], newest: at }');
  });

  test('may name the queue and the bucket of its manifests', () => {
    const queue = 'https://sqs.eu-west-1.amazonaws.com/123456789012/other';
    const more = {
      input: { sqs_queue_url: queue },
      output: { manifest_bucket: 'manifests', manifest_prefix: 'm/' },
    };
    const { loader } = asRead(imported(more, { bucket: 'landing', prefix: 'o/' }));
    expect(loader).toMatchObject({ source: { queue }, staging: { bucket: 'manifests', prefix: 'm' } });
  });

  test('does not say where the files are: those settings stay open, and the configuration refuses them', () => {
    const loader = imported({}, {});
    expect(openSettings(loader)).toEqual([
      'source.bucket',
      'source.prefix',
      'source.queue',
      'staging.bucket',
    ]);
    expect(() => asRead(loader)).toThrow(
      /source\.bucket: .*\n.*source\.prefix: .*\n.*source\.queue: .*\n.*staging\.bucket: /,
    );
  });

  test.each<[string, string, string]>([
    ['no JSON', '{', 'orders_queue.json is not a configuration of the sample loader: '],
    ['another file', '{}', 'copy: Invalid input'],
    ['no table', JSON.stringify({ ...SAMPLE, copy: { role_arn: ROLE } }), 'copy.table_name: '],
  ])('with %s is refused', (_what, text, message) => {
    expect(() => importSample(text, 'orders_queue.json', GIVEN)).toThrow(message);
  });

  test('has its comments on lines of their own, whatever its names contain', () => {
    const loader = imported({ copy: { ...SAMPLE.copy, options: 'CSV\u2028MAXERROR 1' } });
    expect(loaderLines(loader, 'a\nb: c.json').filter((line) => /[\r\n\u2028]/.test(line))).toEqual([]);
  });

  test.each([
    ['orders_queue', 'orders'],
    ['Orders-Queue', 'orders'],
    ['orders.v2', 'orders-v2'],
    ['1-orders', 'orders'],
    ['2026', 'loader'],
  ])('queue %s becomes loader %s', (queue, name) => {
    expect(loaderName(queue)).toBe(name);
  });
});
