import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../../src/config/parse-config.ts';
import { schedulesOfTables } from '../../../../src/config/schedules/schedules-of-tables.ts';
import { withMatches } from '../../../../src/config/table-patterns.ts';

const schedules = (text: string, ...tables: string[]) =>
  schedulesOfTables(
    withMatches(
      parseConfig(
        `defaults:
  staging: { bucket: tributary }
  warehouse: { workgroup: local, database: dev, iamRole: default }
pipelines:
  prod: { source: { table: "prod-*" } }
  orders: { source: { table: orders } }
schedules:
${text}
`,
        'tributary.yaml',
      ),
      tables,
    ),
  );

describe('a schedule of a pattern', () => {
  it('becomes one per table', () => {
    const found = schedules(
      '  nightly: { pipeline: prod, every: 1d }\n  hourly: { pipeline: orders, every: 1h }',
      'prod-a',
      'prod-b',
    );
    expect(Object.entries(found).map(([name, { pipeline, every }]) => [name, pipeline, every])).toEqual([
      ['nightly-prod-a', 'prod-a', '1d'],
      ['nightly-prod-b', 'prod-b', '1d'],
      ['hourly', 'orders', '1h'],
    ]);
  });

  it('is refused if its name is taken or too long, and says what helps', () => {
    expect(() =>
      schedules('  x: { pipeline: prod, every: 1d }\n  x-prod-a: { pipeline: orders, every: 1d }', 'prod-a'),
    ).toThrow(
      'would be x-prod-a: another schedule has that name. Give the schedule of the pattern another name',
    );
    const long = `s${'x'.repeat(76)}`;
    expect(() => schedules(`  ${long}: { pipeline: prod, every: 1d }`, 'prod-a')).toThrow('at most 80');
  });
});
