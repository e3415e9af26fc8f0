import { describe, expect, test } from '@jest/globals';
import { readOfTable } from '../../../../../src/pipeline/datasets/graph/dated-tables.ts';
import {
  datedInput,
  daySql,
  dayVersionsOf,
  dayVersionsQuery,
  dayVersionText,
  emptyDay,
  uncomparable,
} from '../../../../../src/pipeline/datasets/redshift/day-versions.ts';

const column = (name: string, type: string) => ({ name, type });
const table = {
  at: { schema: 'shop', table: 'orders' },
  columns: [column('id', 'bigint'), column('day', 'date'), column('name', 'character varying(20)')],
  day: '"day"',
};

test.each([
  ['date', '"day"'],
  ['timestamp without time zone', '"day"::DATE'],
  ['timestamp with time zone', `("day" AT TIME ZONE 'Europe/London')::DATE`],
  ['character varying(10)', undefined],
])('a column of type %s has the day %s', (type, expected) => {
  expect(daySql(column('day', type), 'Europe/London')).toBe(expected);
});

test('the version of a day changes with its rows, and with the columns of the table', () => {
  const texts = [
    emptyDay(table),
    dayVersionText(table, { rows: 1, sums: [5n, 7n] }),
    dayVersionText(table, { rows: 1, sums: [5n, 8n] }),
    dayVersionText(table, { rows: 2, sums: [5n, 7n] }),
    dayVersionText({ ...table, columns: table.columns.toReversed() }, { rows: 1, sums: [5n, 7n] }),
    dayVersionText({ ...table, columns: [column('id', 'integer')] }, { rows: 1, sums: [5n, 7n] }),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});

test('sums have more digits than a number holds', () => {
  const sums = ['1152921504606846975000', '7'];
  const [day] = dayVersionsOf([{ day: '2026-11-01', rows: 1000, sum1: sums[0] as string, sum2: '7' }]);
  expect(day?.sums.map(String)).toEqual(sums);
});

test('columns whose values have no text are named', () => {
  expect(uncomparable([...table.columns, column('place', 'geometry')])).toEqual(['place (geometry)']);
});

describe('the rows of some days as an input', () => {
  const days = { first: '2026-11-01', last: '2026-11-30' };

  test('are copied, and the copy is compared with the days that were planned', () => {
    const { select, statements, guards, guardsStaged } = datedInput(1, 'orders', table, days, [
      { day: '2026-11-01', rows: 2, sums: [5n, 1152921504606846975n] },
      { day: '2026-11-03', rows: 1, sums: [6n, 1152921504606846975n] },
    ]);
    expect(select).toBe('SELECT * FROM "_tributary_table_2"');
    expect(statements).toEqual([
      `CREATE TEMP TABLE "_tributary_table_2" AS SELECT * FROM "shop"."orders" WHERE "day" BETWEEN '2026-11-01'::DATE AND '2026-11-30'::DATE`,
    ]);
    expect(guards).toEqual([]);
    expect(guardsStaged?.[0]).toContain('count(*) = 3 AND ');
    expect(guardsStaged?.[0]).toContain(`= '11'::DECIMAL(38,0) AND `);
    expect(guardsStaged?.[0]).toContain(`= '2305843009213693950'::DECIMAL(38,0)`);
  });

  test('are hashed as the plan hashes them', () => {
    const { guardsStaged: [staged = ''] = [] } = datedInput(0, 'orders', table, days, []);
    const hash = /MD5\(COALESCE.*?\) AS "hash"/;
    expect(hash.exec(staged)?.[0]).toBe(hash.exec(dayVersionsQuery(table, days))?.[0]);
    expect(staged).toContain('count(*) = 0 AND ');
  });
});

test('a partition reads all days of its rule, with rows or without', () => {
  const versions = new Map([['2026-02-27', 'a']]);
  const read = (kind: 'same-day' | 'days-of-month' | 'previous-day', value: string) =>
    readOfTable({ name: 'orders', rule: { kind }, versions, empty: 'none' }, value).map(
      ({ partition, version }) => `${partition} ${version}`,
    );
  expect(read('same-day', '2026-02-27')).toEqual(['2026-02-27 a']);
  expect(read('previous-day', '2026-02-27')).toEqual(['2026-02-26 none']);
  expect(read('days-of-month', '2026-02')).toHaveLength(28);
  expect(read('days-of-month', '2026-02').filter((each) => !each.endsWith('none'))).toEqual(['2026-02-27 a']);
});
