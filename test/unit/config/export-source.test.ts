import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/config/config-error.ts';
import { findDefinition } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

const parse = (source: string) =>
  parseConfig(
    `pipelines:
  orders:
    source: ${source}
    staging: { bucket: tributary }
    warehouse: { workgroup: local, database: dev, iamRole: default }
`,
    'tributary.yaml',
  );

describe('a source of kind dynamodb-export', () => {
  it('names the bucket of the exports', () => {
    const source =
      '{ kind: dynamodb-export, table: orders, bucket: exports, prefix: nightly, request: true }';
    expect(findDefinition(parse(source), 'orders').source).toMatchObject({
      ...{ kind: 'dynamodb-export', bucket: 'exports', prefix: 'nightly', request: true },
    });
  });

  it('may name one export, and the key of its table', () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01693685827463-2d8752fd';
    const key = '[{ name: id, kind: S }, { name: at, kind: N }]';
    const source = `{ kind: dynamodb-export, table: orders, bucket: exports, export: "${arn}", key: ${key} }`;
    expect(findDefinition(parse(source), 'orders').source).toMatchObject({
      export: arn,
      key: [{ name: 'id' }, { name: 'at' }],
    });
  });

  it.each(['streams, cutSeconds: 30', 'exports, every: 1h, viewType: NEW_IMAGE'])(
    'may follow its table: %s',
    (changes) => {
      const source = `{ kind: dynamodb-export, table: orders, bucket: exports, changes: { kind: ${changes} } }`;
      expect(findDefinition(parse(source), 'orders').source.changes).toMatchObject({ settleSeconds: 300 });
    },
  );

  it.each([
    ['{ kind: dynamodb-export, table: orders }', 'source: expected bucket'],
    [
      '{ kind: dynamodb-export, table: orders, bucket: exports, readUnitsPerSecond: 5 }',
      'source.readUnitsPerSecond',
    ],
    [
      '{ kind: dynamodb-export, table: orders, bucket: exports, consistentRead: true }',
      'source.consistentRead',
    ],
    ['{ kind: dynamodb-export, table: orders, bucket: exports, export: newest }', 'source.export'],
    [
      '{ kind: dynamodb-export, table: orders, bucket: exports, request: true, export: 01693685827463-2d8752fd }',
      'source.export',
    ],
    ['{ kind: dynamodb-export, table: orders, bucket: exports, key: [] }', 'source.key'],
    ['{ table: orders, bucket: exports }', 'source.bucket'],
    ['{ table: orders, request: true }', 'source.request'],
  ])('%s is refused at %s', (source, path) => {
    expect(() => parse(source)).toThrow(ConfigError);
    expect(() => parse(source)).toThrow(`pipelines.orders.${path}`);
  });
});
