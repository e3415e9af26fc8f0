import { describe, expect, it } from '@jest/globals';
import { findDefinition } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

const SHARED = `defaults:
  source: { segments: 4 }
  staging: { bucket: tributary, prefix: runs }
  warehouse: { workgroup: local, database: dev, iamRole: default, timeLimits: { loadSeconds: 2h } }
  mapping: { columns: { ttl: { ignore: true } }, entities: { users: { keyPrefix: "U#" } } }
`;

const pipelinesOf = (text: string) => {
  const config = parseConfig(text, 'tributary.yaml');
  return Object.fromEntries(
    Object.keys(config.pipelines).map((name) => [name, findDefinition(config, name)]),
  );
};

function problems(text: string): string[] {
  try {
    parseConfig(text, 'tributary.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('defaults', () => {
  it('make a pipeline of a table and a schema', () => {
    const { orders } = pipelinesOf(`${SHARED}pipelines:
  orders: { source: { table: orders }, warehouse: { schema: orders } }
`);
    expect(orders?.source).toEqual({ kind: 'dynamodb', table: 'orders', segments: 4 });
    expect(orders?.staging).toMatchObject({ bucket: 'tributary', prefix: 'runs', keepRuns: 10 });
    expect(orders?.warehouse).toMatchObject({
      workgroup: 'local',
      schema: 'orders',
      timeLimits: { loadSeconds: 7200, verifySeconds: 3600 },
    });
    expect(orders?.mapping.columns).toEqual({ ttl: { ignore: true } });
  });

  it("give way to a pipeline's own settings, key by key", () => {
    const { orders } = pipelinesOf(`${SHARED}pipelines:
  orders:
    source: { table: orders, segments: auto }
    warehouse: { schema: orders, timeLimits: { verifySeconds: 60 } }
    mapping: { columns: { note: { asSuper: true }, ttl: { ignore: false } }, entities: { orders: { keyPrefix: "O#" } } }
`);
    expect(orders?.source.segments).toBe('auto');
    expect(orders?.warehouse.timeLimits).toMatchObject({ loadSeconds: 7200, verifySeconds: 60 });
    expect(orders?.mapping.columns).toEqual({ ttl: { ignore: false }, note: { asSuper: true } });
    // Items go to the first entity that fits, so a mix of two lists would have no clear order.
    expect(Object.keys(orders?.mapping.entities ?? {})).toEqual(['orders']);
  });

  it('of a workgroup do not apply to a pipeline with a cluster', () => {
    const { orders } = pipelinesOf(`${SHARED}pipelines:
  orders: { source: { table: orders }, warehouse: { schema: orders, cluster: main, dbUser: etl } }
`);
    expect(orders?.warehouse).toMatchObject({ cluster: 'main', dbUser: 'etl', database: 'dev' });
    expect(orders?.warehouse.workgroup).toBeUndefined();
  });

  it('with problems are reported once, where they are written', () => {
    const text = `${SHARED.replace('loadSeconds: 2h', 'loadSeconds: 2w')
      .replace('segments: 4', 'tabel: 4')
      .replace('ignore: true', 'asSuper: true, asRows: true')}pipelines:
  orders: { source: { table: orders }, warehouse: { schema: orders } }
  users: { source: { table: users }, warehouse: { schema: users } }
`;
    expect(problems(text)).toEqual([
      expect.stringMatching(/:2:\d+ defaults\.source: Unrecognized key: "tabel"/),
      expect.stringMatching(/:4:\d+ defaults\.warehouse\.timeLimits\.loadSeconds: expected .*got "2w"/),
      expect.stringMatching(/:5:\d+ defaults\.mapping\.columns\.ttl\.asRows: /),
    ]);
  });

  it('have neither a table nor a schema, which no two pipelines share', () => {
    const text = SHARED.replace('segments: 4', 'table: orders').replace(
      'database:',
      'schema: orders, database:',
    );
    expect(problems(`${text}pipelines: {}\n`)).toEqual([
      expect.stringContaining('defaults.source: Unrecognized key: "table"'),
      expect.stringContaining('defaults.warehouse: Unrecognized key: "schema"'),
    ]);
  });

  it('are checked even if no pipeline uses them', () => {
    expect(problems('defaults: { staging: { bucket: "Not A Bucket" } }\npipelines: {}\n')).toEqual([
      expect.stringContaining('defaults.staging.bucket: expected the name of an S3 bucket'),
    ]);
  });
});
