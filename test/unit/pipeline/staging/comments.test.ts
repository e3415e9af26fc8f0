import { describe, expect, test } from '@jest/globals';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import type { ManifestTable } from '../../../../src/pipeline/run/manifest.ts';
import { type Commented, OUR_COMMENT, shareText } from '../../../../src/pipeline/staging/comments.ts';
import { createStaging, createTable } from '../../../../src/pipeline/staging/ddl.ts';

const text = { type: 'VARCHAR', bytes: 16 } as never;
const column = (name: string, role: 'key' | 'position' | 'value', path: string, more: object = {}) => ({
  ...{ name, type: text, role, path, form: 'scalar' as const, notNull: role !== 'value', values: 10 },
  ...more,
});
const table = (path: string, name: string, columns: ManifestTable['columns']): ManifestTable => ({
  ...{ path, name, rows: 10, columns, layouts: {}, files: [] },
});
const root = table('', 'nobel', [
  column('pk', 'key', 'pk', { kinds: ['string'] }),
  column('born', 'value', 'born', { kinds: ['date', 'string'], values: 4 }),
  column('prizes__count', 'value', 'prizes', { form: 'count', values: 0 }),
]);
const prizes = table('prizes[]', 'nobel__prizes', [
  column('pk', 'key', 'pk', { kinds: ['string'] }),
  column('_pos', 'position', 'prizes[]'),
  column('year', 'value', 'prizes[].year', { kinds: ['number'] }),
]);
const about: Commented = {
  ...{ pipeline: 'nobel', run: 'r1', source: 'Nobel', extractedFrom: '2026-11-29T23:00:00.000Z' },
  key: [{ name: 'pk', kind: 'S' }],
  descriptions: {
    tables: { '': 'One laureate' },
    columns: { 'prizes[].year': "The award's year." },
  },
  mapping: Mapping.parse({ columns: { born: { hash: true } } }),
  detail: 'all',
};
const comments = (detail: Commented['detail'], stamp?: { run: string; extractedFrom: string }) =>
  createStaging('s', [root, prizes], { ...about, detail }, stamp).filter((sql) => sql.startsWith('COMMENT'));

describe('the comments of a staging schema', () => {
  test('name path, kinds, share of the rows, join and description', () => {
    expect(comments('all').slice(2)).toEqual([
      `COMMENT ON TABLE "s"."nobel" IS 'One laureate. DynamoDB Nobel: one row per item, 10 rows. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel"."pk" IS 'DynamoDB pk (string), in all rows. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel"."born" IS 'DynamoDB born (date, string), hashed, in 40.0% of rows. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel"."prizes__count" IS 'DynamoDB number of members of prizes, in no row. [tributary]'`,
      `COMMENT ON TABLE "s"."nobel__prizes" IS 'DynamoDB Nobel: one row per member of prizes, 10 rows. Join nobel on pk. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel__prizes"."pk" IS 'DynamoDB pk (string), in all rows. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel__prizes"."_pos" IS 'DynamoDB position in prizes, from 0. [tributary]'`,
      `COMMENT ON COLUMN "s"."nobel__prizes"."year" IS 'The award''s year. DynamoDB prizes[].year (number), in all rows. [tributary]'`,
    ]);
  });

  test('are only on tables, or absent, as the definition says', () => {
    expect(comments('tables').filter((sql) => sql.includes('COLUMN'))).toEqual([]);
    expect(comments('tables')).toHaveLength(4);
    expect(comments('none')).toEqual([]);
  });

  test('cover the run columns, and are recognised as Tributary’s own', () => {
    const stamp = { run: 'r1', extractedFrom: about.extractedFrom };
    expect(comments('all', stamp)).toContain(
      `COMMENT ON COLUMN "s"."nobel"."_tributary_run" IS 'The run that copied the row. [tributary]'`,
    );
    for (const sql of comments('all', stamp)) expect(sql.endsWith(`${OUR_COMMENT}'`)).toBe(true);
  });

  test('never let a path or a description end the statement early', () => {
    const path = `a'; DROP TABLE x; --${'\u0000'}`;
    const odd = table('', 't', [column('a', 'value', path, { values: 1 })]);
    const [, , , sql] = createStaging('s', [odd], { ...about, descriptions: undefined }).filter((each) =>
      each.startsWith('COMMENT'),
    );
    expect(sql).toBe(
      `COMMENT ON COLUMN "s"."t"."a" IS 'DynamoDB a''; DROP TABLE x; --, in 10.0% of rows. [tributary]'`,
    );
  });
});

test('a share is all or none only if it is exact', () => {
  const shares = [shareText(0, 9), shareText(9, 9), shareText(99_999, 100_000), shareText(1, 100_000)];
  expect(shares).toEqual(['in no row', 'in all rows', 'in 99.9% of rows', 'in 0.1% of rows']);
});

describe('the run columns', () => {
  const stamp = { run: 'r1', extractedFrom: '2026-11-29T23:00:00.123Z' };

  test('have the run and its start as their defaults, because COPY does not list them', () => {
    expect(createTable('s', prizes, stamp)).toBe(
      `CREATE TABLE IF NOT EXISTS "s"."nobel__prizes" ("pk" VARCHAR(16) NOT NULL, "_pos" VARCHAR(16) NOT NULL, ` +
        `"year" VARCHAR(16), "_tributary_run" VARCHAR(256) DEFAULT 'r1' NOT NULL, "_tributary_extracted_at" ` +
        `TIMESTAMPTZ DEFAULT '2026-11-29 23:00:00.123+00' NOT NULL, PRIMARY KEY ("pk", "_pos")) ` +
        'DISTSTYLE AUTO SORTKEY AUTO',
    );
  });

  test('give way to a column that had the name before Tributary reserved it', () => {
    const old = table('', 't', [column('_tributary_run', 'value', '_tributary_run')]);
    expect(createTable('s', old, stamp)).not.toMatch(/"_tributary_run" .*"_tributary_run" /);
  });
});
