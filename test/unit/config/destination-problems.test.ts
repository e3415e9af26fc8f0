import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../src/config/parse-config.ts';

const file = (pipelines: string, rest = '') => `defaults:
  staging: { bucket: tributary, prefix: runs }
  warehouse: { workgroup: local, database: dev, iamRole: default }
pipelines:
${pipelines}
${rest}
`;

function problems(pipelines: string, rest = ''): string[] {
  try {
    parseConfig(file(pipelines, rest), 'tributary.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** A pipeline that follows its table, with these destinations and this mapping. */
const orders = (destinations: string, mapping = '{}', source = 'changes: { kind: streams }') =>
  `  orders:
    source: { table: orders, ${source} }
    mapping: ${mapping}
    destinations:
${destinations
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}`;

describe('the configuration is refused', () => {
  it.each<[what: string, pipelines: string, message: string]>([
    [
      'if two destinations replace one schema',
      orders('a: { kind: redshift, schema: s }\nb: { kind: redshift, schema: s }'),
      'pipelines.orders.destinations.b.schema: expected a schema that no other destination replaces: orders/a already replaces s in database dev of local',
    ],
    [
      'if a pipeline replaces the schema of another’s destination',
      `${orders('a: { kind: redshift, schema: s }')}\n  users: { source: { table: users }, warehouse: { schema: s } }`,
      'pipelines.users.warehouse.schema: expected a schema that no other pipeline replaces: orders/a already replaces s',
    ],
    [
      'if a place in S3 is among the runs',
      orders('w: { kind: redshift }\nh: { kind: s3, bucket: tributary, prefix: runs/orders/h }'),
      'pipelines.orders.destinations.h.prefix: expected a prefix apart from s3://tributary/runs/, where orders keeps its runs',
    ],
    [
      'if the runs are in a place in S3',
      orders('w: { kind: redshift }\nh: { kind: s3, bucket: tributary, prefix: runs }'),
      'expected a prefix apart from s3://tributary/runs/',
    ],
    [
      'if two destinations share a place in S3',
      orders('h: { kind: s3, bucket: lake, prefix: o }\ni: { kind: s3, bucket: lake, prefix: o/i/ }'),
      'pipelines.orders.destinations.i.prefix: expected a prefix apart from s3://lake/o/, where orders/h is',
    ],
    [
      'if there are no changes to keep in S3',
      orders('h: { kind: s3, bucket: lake, prefix: o }', '{}', 'segments: 4'),
      'pipelines.orders.destinations.h.kind: expected source.changes for a destination of kind s3',
    ],
    [
      'if there are no changes to apply',
      orders('w: { kind: redshift, applySeconds: 10 }', '{}', 'segments: 4'),
      'pipelines.orders.destinations.w.applySeconds: expected source.changes beside applySeconds',
    ],
    [
      'if a pipeline has both forms',
      `${orders('a: { kind: redshift }')}\n    warehouse: {}`,
      'pipelines.orders.warehouse: expected exactly one of warehouse and destinations',
    ],
    [
      'if a pipeline has no destination',
      '  orders: { source: { table: orders }, destinations: {} }',
      'pipelines.orders.destinations: expected at least one destination',
    ],
    [
      'if a destination has the name of a folder of the agreed schemas',
      orders('history: { kind: redshift }'),
      'pipelines.orders.destinations.history: expected another name: history is the name of a folder',
    ],
    [
      'if a destination has settings of another kind',
      orders('h: { kind: s3, bucket: lake, prefix: o, schema: s }'),
      'Unrecognized key: "schema"',
    ],
    [
      'if streams have settings of exports',
      orders('w: { kind: redshift }', '{}', 'changes: { kind: streams, every: 15m }'),
      'pipelines.orders.source.changes: Unrecognized key: "every"',
    ],
    [
      'if the window of an export is too short',
      orders('w: { kind: redshift }', '{}', 'changes: { kind: exports, every: 5m }'),
      'pipelines.orders.source.changes.every: expected a duration from 15m to 24h, as of a window of an export, got "5m"',
    ],
    [
      'if a cut exceeds the memory of the readers',
      orders('w: { kind: redshift }', '{}', 'changes: { kind: streams, cutBytes: 1GB }'),
      'pipelines.orders.source.changes.cutBytes: expected at most 64MB, got "1GB"',
    ],
    [
      'if the tables of a pattern would share a schema or a place',
      `  all:
    source: { table: "prod-*", changes: { kind: streams } }
    destinations:
      a: { kind: redshift, schema: one }
      h: { kind: s3, bucket: lake, prefix: one }`,
      'pipelines.all.destinations.a.schema: expected a name with {match} or {table} in it: each table of the pattern needs a schema of its own',
    ],
    [
      'if a single table has a template',
      orders('a: { kind: redshift, schema: "{match}" }'),
      'pipelines.orders.destinations.a.schema: expected {match} and {table} only with a pattern as source.table',
    ],
    [
      'if a destination brings back what its pipeline leaves out',
      orders(
        'a: { kind: redshift, mapping: { columns: { email: { ignore: false } } } }',
        '{ columns: { email: { ignore: true } } }',
      ),
      'pipelines.orders.destinations.a.mapping.columns.email.ignore: expected no ignore: false: the pipeline’s own mapping has ignore: true',
    ],
    [
      'if a destination names what its pipeline leaves out',
      orders(
        'a: { kind: redshift, mapping: { columns: { email: { name: mail } } } }',
        '{ exclude: [email] }',
      ),
      'pipelines.orders.destinations.a.mapping.columns.email: expected no settings for email, which exclude leaves out',
    ],
    [
      'if a destination filters by what its pipeline hides',
      orders(
        'a: { kind: redshift, mapping: { where: [{ attribute: email, exists: true }] } }',
        '{ columns: { email: { hash: true } } }',
      ),
      'pipelines.orders.destinations.a.mapping.where[0].attribute: expected an attribute that the destination gets: the pipeline’s own mapping hides email',
    ],
    [
      'if the conditions of both leave nothing',
      orders(
        'a: { kind: redshift, mapping: { where: [{ attribute: status, equals: new }] } }',
        '{ where: [{ attribute: status, equals: paid }] }',
      ),
      'pipelines.orders.destinations.a.mapping.where[0]: expected',
    ],
    [
      'if a pipeline with changes filters by what the log does not have',
      orders('a: { kind: redshift }', '{ exclude: [status], where: [{ attribute: status, equals: paid }] }'),
      'pipelines.orders.mapping.where[0].attribute: expected an attribute that the change log has: the pipeline’s own mapping leaves out status',
    ],
  ])('%s', (_what, pipelines, message) => {
    expect(problems(pipelines)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  it('if a schedule does not name one of several destinations', () => {
    const both = orders('a: { kind: redshift }\nb: { kind: redshift }');
    const schedule = (rest: string) => `schedules: { nightly: { pipeline: orders, every: 1d${rest} } }`;
    expect(problems(both, schedule(''))).toEqual([
      expect.stringContaining(
        'schedules.nightly.pipeline: expected destination beside pipeline: orders has a, b',
      ),
    ]);
    expect(problems(both, schedule(', destination: c'))).toEqual([
      expect.stringContaining('expected a destination of kind redshift of orders, got "c"'),
    ]);
    expect(problems(both, schedule(', destination: b'))).toEqual([]);
  });

  it('if a loader’s table is in a destination’s schema', () => {
    const loader = `loaders:
  quakes:
    source: { bucket: landing, prefix: quakes/ }
    format: { kind: csv }
    staging: { bucket: tributary }
    target: { workgroup: local, database: dev, schema: orders_a, table: quakes, iamRole: default }`;
    expect(problems(orders('a: { kind: redshift }'), loader)).toEqual([
      expect.stringContaining('expected a schema that no pipeline replaces, got orders_a: orders/a replaces'),
    ]);
  });
});

describe('the configuration is accepted', () => {
  it.each<[what: string, pipelines: string]>([
    [
      'if a destination leaves out and hides more',
      orders(
        'a: { kind: redshift, mapping: { exclude: [city], columns: { phone: { mask: true } }, where: [{ attribute: status, equals: paid }] } }',
        '{ columns: { email: { hash: true } }, where: [{ attribute: status, notEquals: draft }] }',
      ),
    ],
    [
      'with exports instead of a stream',
      orders('w: { kind: redshift }', '{}', 'changes: { kind: exports, every: 1h }'),
    ],
  ])('%s', (_what, pipelines) => {
    expect(problems(pipelines)).toEqual([]);
  });

  it('if only the defaults have a pace', () => {
    const text = file('  orders: { source: { table: orders } }').replace(
      'iamRole: default',
      'iamRole: default, applySeconds: 60',
    );
    expect(() => parseConfig(text, 'tributary.yaml')).not.toThrow();
  });
});
