import { describe, expect, it } from '@jest/globals';
import { findDefinition, findPipeline } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import {
  findMatched,
  namedPipelines,
  refuseUnknownNames,
  withMatches,
} from '../../../src/config/table-patterns.ts';

const file = (pipelines: string) => `defaults:
  staging: { bucket: tributary }
  warehouse: { workgroup: local, database: dev, iamRole: default }
pipelines:
${pipelines}
`;
const expand = (pipelines: string, ...tables: string[]) =>
  withMatches(parseConfig(file(pipelines), 'tributary.yaml'), tables);

/** Each pipeline's table and schema. */
const made = (pipelines: string, ...tables: string[]) => {
  const config = expand(pipelines, ...tables);
  const names = Object.keys(config.pipelines);
  const definitions = names.map((name) => [name, findDefinition(config, name)] as const);
  return Object.fromEntries(
    definitions.map(([name, { source, warehouse }]) => [name, [source.table, warehouse.schema]]),
  );
};

function problems(pipelines: string): string[] {
  try {
    parseConfig(file(pipelines), 'tributary.yaml');
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('a pattern stands for one pipeline per table', () => {
  it('where a command names it, and a pipeline that is named twice is meant once', () => {
    const config = expand('  prod: { source: { table: "prod-*" } }', 'prod-a', 'prod-b');
    expect(namedPipelines(config, ['other', 'prod', 'prod-a'])).toEqual(['other', 'prod-a', 'prod-b']);
    expect(namedPipelines(config, ['constructor'])).toEqual(['constructor']);
  });

  it('with names that follow from those of the tables', () => {
    expect(
      made('  prod: { source: { table: "prod-*" } }', 'prod-Orders', 'prod-order.lines', 'test-a'),
    ).toEqual({
      'prod-order-lines': ['prod-order.lines', 'prod_order_lines'],
      'prod-orders': ['prod-Orders', 'prod_orders'],
    });
  });

  it('with templates for the names of pipelines and schemas', () => {
    const text =
      '  prod: { name: "p-{match}", source: { table: "*-v*" }, warehouse: { schema: "s_{table}" } }';
    expect(made(text, 'Orders-v2')).toEqual({ 'p-orders-2': ['Orders-v2', 's_orders_v2'] });
  });

  it('except for some tables, and for those with a pipeline of their own or in an earlier pattern', () => {
    const text = `  prod: { source: { table: "prod-*", except: ["*-tmp", prod-x] } }
  rest: { source: { table: "*" } }
  mine: { source: { table: prod-mine } }`;
    expect(Object.keys(made(text, 'prod-a', 'prod-tmp', 'prod-x', 'prod-mine', 'bbb'))).toEqual([
      'mine',
      'prod-a',
      'rest-bbb',
      'rest-prod-tmp',
      'rest-prod-x',
    ]);
  });

  it('in which * is at least one character, and every other character is itself', () => {
    expect(Object.keys(made('  p: { source: { table: "a.*" } }', 'a.', 'a.b', 'axb'))).toEqual(['p-b']);
  });

  it('with the settings of the pattern and the defaults', () => {
    const config = expand('  p: { source: { table: "p-*", segments: 8 }, maxRejects: 5 }', 'p-a');
    expect(findDefinition(config, 'p-a')).toMatchObject({
      source: { table: 'p-a', segments: 8 },
      staging: { bucket: 'tributary' },
      maxRejects: 5,
    });
    expect(config.pipelines['p-a']?.source).not.toHaveProperty('except');
  });

  it('refuses two tables with the same names, and says what helps', () => {
    expect(() => expand('  p: { source: { table: "p-*" } }', 'p-Orders', 'p-orders')).toThrow(
      'pipelines.p: table p-orders would become pipeline p-orders with schema p_orders, which table p-Orders already has. Change the templates',
    );
    expect(() =>
      expand(
        '  p: { source: { table: "p-*" }, warehouse: { schema: "{match}" } }\n  a: { source: { table: xxx } }',
        'p-a',
      ),
    ).toThrow('which table xxx already has');
  });

  it('still has its other pipelines for a worker, which looks up one: a new table stops no others', () => {
    const config = parseConfig(file('  p: { source: { table: "p-*" } }'), 'tributary.yaml');
    const tables = ['p-Orders', 'p-orders', 'p-users'];
    expect(findMatched(config, tables, 'p-users').source.table).toBe('p-users');
    expect(() => findMatched(config, tables, 'p-orders')).toThrow('Change the templates');
    expect(() => findMatched(config, tables, 'p-x')).toThrow('No pipeline "p-x"');
  });

  it('is not a pipeline itself: the message names its pipelines', () => {
    const config = expand('  p: { source: { table: "p-*" } }', 'p-a', 'p-b');
    expect(() => findPipeline(config, 'p')).toThrow('Name one of them: p-a, p-b.');
    expect(findPipeline(config, 'p-a').source.table).toBe('p-a');
  });
});

describe('the file', () => {
  it('needs templates with a pattern, and has none without', () => {
    expect(
      problems(`  a: { name: x, source: { table: "a-*" }, warehouse: { schema: one } }
  b: { name: "{match}", source: { table: bbb, except: [c] }, warehouse: { schema: "{table}" } }`),
    ).toEqual([
      expect.stringContaining('pipelines.a.name: expected a name with {match} or {table} in it'),
      expect.stringContaining('pipelines.a.warehouse.schema: expected a name with {match} or {table} in it'),
      expect.stringContaining('pipelines.b.name: expected a name only with a pattern'),
      expect.stringContaining('pipelines.b.source.except: expected except only with a pattern'),
      expect.stringContaining(
        'pipelines.b.warehouse.schema: expected {match} and {table} only with a pattern',
      ),
    ]);
  });

  it('gives a pipeline without a schema one of its own name', () => {
    const config = parseConfig(file('  my-orders: { source: { table: orders } }'), 'tributary.yaml');
    expect(findDefinition(config, 'my-orders').warehouse.schema).toBe('my_orders');
  });

  it('may name a pipeline of a pattern in a schedule or a mute, which is checked once the tables are known', () => {
    const text = (name: string) => `  prod: { source: { table: "prod-*" } }
schedules:
  nightly: { pipeline: ${name}, every: 1d }
alerts: { muted: [${name}] }`;
    expect(Object.keys(expand(text('prod-a'), 'prod-a').pipelines)).toEqual(['prod-a']);
    refuseUnknownNames(expand(text('prod-a'), 'prod-a'));
    expect(() => refuseUnknownNames(expand(text('prod-b'), 'prod-a'))).toThrow(
      'schedules.nightly.pipeline: no pipeline "prod-b", and no pattern has a table for it (did you mean "prod-a"?)',
    );
    expect(problems(text('prod'))).toEqual([
      expect.stringContaining('expected a pipeline, not a pattern of tables'),
    ]);
  });
});
