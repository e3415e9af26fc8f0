import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { findDefinition, findPipeline } from '../../../src/config/find-pipeline.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { withMatches } from '../../../src/config/table-patterns.ts';

const parse = (pipelines: string) =>
  parseConfig(
    `defaults:
  staging: { bucket: tributary }
  warehouse: { workgroup: local, database: dev, iamRole: default }
pipelines:
${pipelines}
`,
    'tributary.yaml',
  );

const ORDERS = `  orders:
    source: { table: orders, changes: { kind: streams } }
    maxRejects: 3
    mapping: { columns: { email: { mask: true } } }
    checks: { some: { rows: orders, min: 1 } }
    destinations:
      warehouse: { kind: redshift }
      team-b: { kind: redshift, workgroup: other, maxRejects: 0, mapping: { columns: { city: { ignore: true } } } }
      history: { kind: s3, bucket: lake, prefix: orders-changes/ }`;

describe('a pipeline with destinations', () => {
  it('has one definition for each of kind redshift, with the defaults of warehouses', () => {
    const config = parse(ORDERS);
    const team = findDefinition(config, 'orders', 'team-b');
    expect(team).toMatchObject({
      destination: 'team-b',
      warehouse: { workgroup: 'other', database: 'dev', schema: 'orders_team_b' },
      maxRejects: 0,
      checks: { some: { rows: 'orders' } },
    });
    expect(team.mapping.columns).toEqual({ email: { mask: true }, city: { ignore: true } });
    const warehouse = findDefinition(config, 'orders', 'warehouse');
    expect(warehouse).toMatchObject({ warehouse: { workgroup: 'local', schema: 'orders' }, maxRejects: 3 });
    expect(warehouse.destination).toBeUndefined();
    expect(warehouse.mapping.columns).toEqual({ email: { mask: true } });
  });

  it('has places in S3 for every change', () => {
    const { history } = findPipeline(parse(ORDERS), 'orders').destinations;
    expect(history).toMatchObject({
      kind: 's3',
      settings: { bucket: 'lake', prefix: 'orders-changes', format: 'jsonl' },
      mapping: { columns: { email: { mask: true } } },
    });
  });

  it('needs the name of one, if there are several', () => {
    const config = parse(ORDERS);
    expect(() => findDefinition(config, 'orders')).toThrow(
      'Pipeline orders has several destinations. Name one of them: warehouse, team-b.',
    );
    expect(() => findDefinition(config, 'orders', 'team-a')).toThrow(
      'Pipeline orders has no destination "team-a" (did you mean "team-b"?). It has: warehouse, team-b, history.',
    );
    expect(() => findDefinition(config, 'orders', 'history')).toThrow(
      'Destination history of pipeline orders is of kind s3, so it has no runs and no schema.',
    );
  });

  it('need not name the only one', () => {
    const config = parse('  orders: { source: { table: orders }, destinations: { a: { kind: redshift } } }');
    expect(findDefinition(config, 'orders')).toMatchObject({
      destination: 'a',
      warehouse: { schema: 'orders_a' },
    });
  });

  it('has schemas and prefixes of its own for each table of a pattern', () => {
    const config = withMatches(
      parse(`  all:
    source: { table: "prod-*", changes: { kind: streams } }
    destinations:
      warehouse: { kind: redshift }
      team-b: { kind: redshift, schema: "b_{match}" }
      history: { kind: s3, bucket: lake, prefix: "changes/{table}" }`),
      ['prod-orders', 'prod-users'],
    );
    const { destinations } = findPipeline(config, 'all-users');
    expect(destinations).toMatchObject({
      warehouse: { definition: { warehouse: { schema: 'all_users' } } },
      'team-b': { definition: { warehouse: { schema: 'b_users' } } },
      history: { settings: { prefix: 'changes/prod-users' } },
    });
  });
});

describe('a single warehouse', () => {
  it('is the destination named warehouse, and its definition is as before', () => {
    const config = parse('  orders: { source: { table: orders }, warehouse: { schema: orders } }');
    const definition = findDefinition(config, 'orders');
    expect(findDefinition(config, 'orders', 'warehouse')).toBe(definition);
    expect(Object.keys(definition)).toEqual([
      ...['source', 'staging', 'warehouse', 'mapping', 'onDrift', 'checks', 'maxRejects', 'redactValues'],
    ]);
    expect(Object.keys(definition.source)).toEqual(['kind', 'table', 'segments']);
    expect(definition.warehouse).not.toHaveProperty('applySeconds');
  });
});

describe('the example of several destinations in docs/configuration.md', () => {
  it('is valid', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    const [, section = ''] = page.split('## Several destinations');
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(section) ?? [];
    const config = parseConfig(text, 'configuration.md');
    expect(Object.keys(findPipeline(config, 'orders').destinations)).toEqual([
      ...['warehouse', 'team-b', 'history'],
    ]);
    expect(findDefinition(config, 'orders', 'team-b').warehouse.schema).toBe('orders_team_b');
  });
});
