import { describe, expect, test } from '@jest/globals';
import { dbtSources } from '../../../../src/pipeline/documentation/dbt-sources.ts';
import type {
  DocumentedColumn,
  DocumentedSchema,
} from '../../../../src/pipeline/documentation/documented-schema.ts';
import { profileQueries, tableProfile } from '../../../../src/pipeline/documentation/profile.ts';
import { pipelineHistory } from '../../../../src/pipeline/documentation/run-history.ts';
import { asPreviousRun, changeText, tableDifferences } from '../../../../src/pipeline/run/previous-run.ts';
import { madeUpReport } from '../../report/made-up-report.ts';

const column = (name: string, type: string, more: Partial<DocumentedColumn> = {}): DocumentedColumn => ({
  ...{
    name,
    type,
    role: 'value',
    origin: name,
    kinds: [],
    facts: [],
    values: 1,
    description: undefined,
    notNull: false,
  },
  ...more,
});
const table = (columns: readonly DocumentedColumn[]) => ({
  ...{ name: 't', path: '', rowOf: 'one row per item', description: undefined, rows: 1, join: undefined },
  ...{ distKey: undefined, sortKey: undefined, columns },
});
const schemaOf = (columns: readonly DocumentedColumn[]): DocumentedSchema => ({
  ...{
    pipeline: 'p',
    source: 'Things',
    database: 'dev',
    schema: 's',
    where: 'wg',
    description: 'All things',
  },
  ...{ run: undefined, revision: 1, tables: [table(columns)], history: [] },
});

describe('a profile', () => {
  const columns = [
    column('id', 'VARCHAR(16)'),
    column('n', 'BIGINT'),
    column('ok', 'BOOLEAN'),
    column('doc', 'SUPER'),
    column('_tributary_run', 'VARCHAR(256)', { role: 'run' }),
  ];

  test('asks for nothing that Redshift cannot answer', () => {
    expect(profileQueries('s', table(columns), { samples: true }).map(({ sql }) => sql)).toEqual([
      'SELECT APPROXIMATE COUNT(DISTINCT "id"), LEFT(MIN("id"), 60), LEFT(MAX("id"), 60), ' +
        'APPROXIMATE COUNT(DISTINCT "n"), CAST(MIN("n") AS VARCHAR(60)), CAST(MAX("n") AS VARCHAR(60)), ' +
        'APPROXIMATE COUNT(DISTINCT "ok") FROM "s"."t"',
      'SELECT LEFT("id", 60), CAST("n" AS VARCHAR(60)), ' +
        `CASE WHEN "ok" THEN 'true' WHEN NOT "ok" THEN 'false' END FROM "s"."t" LIMIT 3`,
    ]);
  });

  test('without samples, has no value of an item', () => {
    const queries = profileQueries('s', table(columns), { samples: false });
    expect(queries.flatMap(({ wanted }) => wanted.map(({ what }) => what))).toEqual(
      Array.from({ length: 3 }, () => 'distinct'),
    );
  });

  test('is put together from the results', () => {
    const queries = profileQueries('s', table(columns), { samples: true });
    const profile = tableProfile(queries, [
      [[2, 'a', 'b', '9', '1', '7', 1]],
      [
        ['a', '1', null],
        ['b', '1', 'true'],
      ],
    ]);
    expect(profile.get('id')).toEqual({ distinct: 2, least: 'a', greatest: 'b', samples: ['a', 'b'] });
    expect(profile.get('n')).toEqual({ distinct: 9, least: '1', greatest: '7', samples: ['1'] });
    expect(profile.get('ok')).toEqual({ distinct: 1, samples: ['true'] });
  });

  test('of many columns is several queries', () => {
    const many = Array.from({ length: 45 }, (_, i) => column(`c${i}`, 'BIGINT'));
    expect(profileQueries('s', table(many), { samples: true })).toHaveLength(6);
  });
});

describe('sources for dbt', () => {
  const limits = { warnAfterSeconds: 36 * 3600, errorAfterSeconds: 2 * 86_400 };
  const key = column('pk', 'VARCHAR(16)', { role: 'key', notNull: true, kinds: ['string'] });
  const stamped = column('_tributary_extracted_at', 'TIMESTAMPTZ', { role: 'run', notNull: true });

  test('have freshness where every table has the run columns', () => {
    const [fresh] = dbtSources([schemaOf([key, stamped])], limits).sources;
    expect(fresh?.config).toEqual({
      loaded_at_field: '_tributary_extracted_at',
      freshness: {
        warn_after: { count: 36, period: 'hour' },
        error_after: { count: 2, period: 'day' },
      },
    });
    expect(dbtSources([schemaOf([key])], limits).sources[0]).not.toHaveProperty('config');
  });

  test('have no description that dbt would render', () => {
    const [source] = dbtSources(
      [schemaOf([column('a', 'BIGINT', { origin: '{{ x }}{% y %}{# z #}{' })])],
      limits,
    ).sources;
    expect(source?.tables[0]?.columns[0]?.description).toBe(
      "DynamoDB: {{ '{' }}{ x }}{{ '{' }}% y %}{{ '{' }}# z #}{.",
    );
  });

  test('describe and test a key that identifies a row alone', () => {
    const [source] = dbtSources(
      [schemaOf([key, column('n', 'BIGINT', { description: 'How many' })])],
      limits,
    ).sources;
    expect(source?.description).toBe('All things. Copy of DynamoDB table Things, by Tributary’s pipeline p.');
    expect(source?.tables[0]?.columns).toEqual([
      {
        name: 'pk',
        data_type: 'varchar(16)',
        description: 'DynamoDB: pk (string).',
        data_tests: ['not_null', 'unique'],
      },
      { name: 'n', data_type: 'bigint', description: 'How many. DynamoDB: n.' },
    ]);
    const two = dbtSources([schemaOf([key, { ...key, name: 'sk' }])], limits).sources[0];
    expect(two?.tables[0]?.columns.map((each) => each.data_tests)).toEqual([['not_null'], ['not_null']]);
  });
});

describe('runs over time', () => {
  const report = (day: number, more: object = {}) => ({
    ...madeUpReport({ segments: 2, tables: 2 }),
    ...{ run: `r${day}`, plannedAt: `2026-11-${String(day).padStart(2, '0')}T02:00:00.000Z` },
    ...{ rows: 1000, seconds: 100, rejects: 0, readUnits: 4e6 },
    ...more,
  });

  test('are listed from the newest, with what their reads cost', () => {
    const { runs } = pipelineHistory('p', [report(2), report(3), report(1)], undefined);
    expect(runs.map((each) => each.report.run)).toEqual(['r3', 'r2', 'r1']);
    expect(runs[0]?.readCost).toBeCloseTo(0.5);
  });

  test.each([
    [{ rows: 790 }, '21% fewer rows than usual'],
    [{ rows: 1600 }, '1.6 times as many rows as usual'],
    [{ seconds: 250 }, '2.5 times as long as usual'],
    [{ rejects: 2 }, '2 items set aside, usually none'],
  ])('with %j are unusual: %s', (more, anomaly) => {
    const { runs } = pipelineHistory('p', [report(1), report(2), report(3), report(4, more)], undefined);
    expect(runs.map(({ anomalies }) => anomalies)).toEqual([[anomaly], [], [], []]);
  });

  test('are not unusual if they vary little, if little is known, or if they did not finish', () => {
    const usual = [report(1), report(2), report(3)];
    const of = (more: object) =>
      pipelineHistory('p', [...usual, report(4, more)], undefined).runs[0]?.anomalies;
    expect(of({ rows: 900, seconds: 150 })).toEqual([]);
    expect(of({ rows: 0, outcome: 'failed' })).toEqual([]);
    expect(pipelineHistory('p', [report(1), report(2, { rows: 1 })], undefined).runs[0]?.anomalies).toEqual(
      [],
    );
  });
});

describe('the differences to the run before', () => {
  test('are those of the rows by path, the largest first', () => {
    const now = madeUpReport({ segments: 1, tables: 3 });
    const [root, lines, gone] = now.tables;
    const previous = asPreviousRun({
      ...now,
      tables: [
        { ...root!, rows: root!.rows - 5 },
        { ...lines!, table: 'another_name' },
        { ...gone!, path: 'gone[]', table: 'gone', rows: 7 },
      ],
    });
    expect(tableDifferences(now, previous)).toEqual([
      { table: gone!.table, before: undefined, now: gone!.rows },
      { table: 'gone', before: 7, now: undefined },
      { table: root!.table, before: root!.rows - 5, now: root!.rows },
    ]);
  });

  test.each([
    [100, 100, 'no change'],
    [0, 5, 'new'],
    [100, 103, '+3.0%'],
    [100, 60, '−40%'],
    [1_000_000, 1_000_001, '+less than 0.1%'],
  ])('from %d to %d is %s', (before, now, text) => {
    expect(changeText(before, now)).toBe(text);
  });
});
