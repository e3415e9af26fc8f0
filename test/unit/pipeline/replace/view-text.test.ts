import { describe, expect, test } from '@jest/globals';
import { copyView, readViewText, sameViewText } from '../../../../src/pipeline/replace/view-text.ts';

const end = ' WITH NO SCHEMA BINDING';

describe('a late-binding view', () => {
  test.each([
    [`create view v as select 1${end}`, ` as select 1${end}`],
    [`CREATE OR REPLACE VIEW nobel.v AS SELECT 1${end};`, ` AS SELECT 1${end}`],
    [`create view "no""bel"."V x" (a, b) as select 1, 2${end} ; `, ` (a, b) as select 1, 2${end}`],
    [
      `create view dev.nobel.v(a) as select 1\nwith no\n schema binding`,
      '(a) as select 1\nwith no\n schema binding',
    ],
    [
      `create view nobel . v as (select 'create view x as' from nobel.t)${end}`,
      ` as (select 'create view x as' from nobel.t)${end}`,
    ],
    [`create view größe as select 1${end}`, ` as select 1${end}`],
    [`create view v as select '\\' as a${end}`, ` as select '\\' as a${end}`],
    [`create view v as select 'it\\'s' as a${end}`, ` as select 'it\\'s' as a${end}`],
  ])('is copied with its query unchanged: %j', (definition, rest) => {
    expect(copyView(definition, 's', 'v')).toBe(`CREATE OR REPLACE VIEW "s"."v"${rest}`);
  });

  test.each([
    [
      '/* {"app": "dbt"} */\n\n  ',
      `create view "shop"."v" as (\n select 1\n )${end};`,
      ` as (\n select 1\n )${end}`,
    ],
    ['-- for finance\n', `create view v as select 1${end}`, ` as select 1${end}`],
    ['/* a /* nested */ one */ ', `create view v as select 1${end}`, ` as select 1${end}`],
    ['', `create view v as select 1${end}\n/* {"app": "dbt"} */`, ` as select 1${end}\n/* {"app": "dbt"} */`],
    ['', `create view v as select 1${end} -- DATA-17`, ` as select 1${end} -- DATA-17`],
    ['', `create view v as select 1${end}; -- DATA-17; x`, ` as select 1${end} -- DATA-17; x`],
    [
      '',
      `create /* x */ view -- the name\n v /* y */ as select 1 -- all of them\n${end}`,
      ` /* y */ as select 1 -- all of them\n${end}`,
    ],
  ])('keeps the comments %j around its text', (before, text, rest) => {
    expect(copyView(before + text, 's', 'v')).toBe(`${before}CREATE OR REPLACE VIEW "s"."v"${rest}`);
  });

  test('has the same text in any schema, and another one once it is changed', () => {
    const inSchema = (schema: string, query: string) => `create view ${schema}.v as ${query}${end}`;
    expect(sameViewText(inSchema('a', 'select 1'), inSchema('"b"', 'select 1'))).toBe(true);
    expect(sameViewText(inSchema('a', 'select 1'), inSchema('a', 'select 2'))).toBe(false);
  });
});

describe('a text that is not a late-binding view', () => {
  test.each([
    [' SELECT shop.id\n   FROM shop.shop;', 'SELECT shop.id\n   FROM shop.shop'],
    ['(SELECT 1 AS a) UNION (SELECT 2);', '(SELECT 1 AS a) UNION (SELECT 2)'],
    ["WITH x AS (SELECT 1 AS a) SELECT ';' FROM x;", "WITH x AS (SELECT 1 AS a) SELECT ';' FROM x"],
    [`SELECT 'a${end}' AS a;`, `SELECT 'a${end}' AS a`],
  ])('is the query of a bound view: %j', (definition, query) => {
    expect(readViewText(definition)).toEqual({ kind: 'bound', query });
    expect(copyView(definition, 's', 'v')).toBeUndefined();
  });

  test.each([
    [`create materialized view v as select 1`, 'materialized'],
    [`/* x */ CREATE MATERIALIZED VIEW v AS SELECT 1;`, 'materialized'],
    ['create view v as select 1', 'unreadable'],
    [`select 1${end}`, 'unreadable'],
    [`create view v as select 'x${end}`, 'unreadable'],
    [`/* create view v as select 1${end}`, 'unreadable'],
    [`create view as select 1 -- x${end}`, 'unreadable'],
    ['', 'unreadable'],
  ])('is recognised: %j', (definition, kind) => {
    expect(readViewText(definition)).toEqual({ kind });
    expect(copyView(definition, 's', 'v')).toBeUndefined();
  });
});
