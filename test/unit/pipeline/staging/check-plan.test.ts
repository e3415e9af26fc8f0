import { describe, expect, test } from '@jest/globals';
import { CheckDefinition, Checks } from '../../../../src/pipeline/definition/checks.ts';
import type { Manifest, ManifestColumn, ManifestTable } from '../../../../src/pipeline/run/manifest.ts';
import { type CheckedRun, planCheck, UnfitCheck } from '../../../../src/pipeline/staging/check-plan.ts';

const column = (name: string, type: ManifestColumn['type'], values = 10): ManifestColumn => ({
  ...{ name, type, role: 'value', path: name, form: 'scalar', notNull: false, values },
});
const orders: ManifestTable = {
  ...{ path: '', name: 'orders', rows: 10, layouts: {}, files: [] },
  columns: [
    column('status', { type: 'VARCHAR', bytes: 16 }, 8),
    column('total', { type: 'DECIMAL', precision: 18, scale: 2 }),
    column('paid', { type: 'BOOLEAN' }),
    column('at', { type: 'TIMESTAMPTZ' }),
    column('extra', { type: 'SUPER' }),
  ],
};
const manifest = { tables: [orders], extractedFrom: '2026-11-21T12:00:00.000Z' } as unknown as Manifest;
const run: CheckedRun = { manifest, stagingSchema: 'shop__r_1', recentRows: [], redacted: false };

const plan = (check: object, over: Partial<CheckedRun> = {}) =>
  planCheck(CheckDefinition.parse(check), { ...run, ...over });
const found = (check: object, over: Partial<CheckedRun> = {}) => plan(check, over).judge([]);
const unfit = (check: object) => {
  try {
    plan(check);
  } catch (error) {
    return error instanceof UnfitCheck ? error.message : error;
  }
  return 'fits';
};

describe('a check of', () => {
  test('rows compares with fixed numbers, and with the median of recent runs', () => {
    expect(found({ rows: 'orders', min: 10, max: 10 })).toBeUndefined();
    expect(found({ rows: 'orders', min: 11 })).toBe('orders has 10 rows, and at least 11 are expected');
    expect(found({ rows: 'orders', max: 9 })).toBe('orders has 10 rows, and at most 9 are expected');
    const change = { rows: 'orders', change: '20%' };
    expect(found(change)).toBeUndefined();
    expect(found(change, { recentRows: [12, 9, 500] })).toBeUndefined();
    expect(found(change, { recentRows: [20, 20, 19, 21] })).toBe(
      'orders has 10 rows (-50%), and within 20% of 20 are expected, the median of 4 earlier runs',
    );
    expect(found(change, { recentRows: [0] })).toContain('within 20% of 0');
  });

  test('notNull counts what verification has proven', () => {
    expect(found({ notNull: 'orders.total' })).toBeUndefined();
    expect(found({ notNull: 'orders.status' })).toBe('2 of 10 rows have no value in orders.status');
  });

  test('freshness compares the newest value with the start of the extraction', () => {
    const fresh = plan({ freshness: 'orders.at', within: '26h' });
    expect(fresh.queries).toEqual([
      expect.stringContaining(`CAST('2026-11-20T10:00:00.000Z' AS TIMESTAMPTZ)`),
    ]);
    expect(fresh.judge([[{ newest: '2026-11-21', fresh: '1' }]])).toBeUndefined();
    expect(fresh.judge([[{ newest: '2026-11-01', fresh: 0 }]])).toMatch(
      /newest value of orders.at, 2026-11-01, is more than 26h older/,
    );
    expect(fresh.judge([[{ newest: null, fresh: 0 }]])).toBe('orders.at has no value');
    const redacted = plan({ freshness: 'orders.at', within: '26h' }, { redacted: true });
    expect(redacted.judge([[{ newest: '2026-11-01', fresh: 0 }]])).not.toContain('2026-11-01');
    expect(unfit({ freshness: 'orders.total', within: '1d' })).toMatch(/total is DECIMAL/);
  });

  test('unique groups by all of its columns', () => {
    const unique = plan({ unique: ['orders.status', 'orders.at'] });
    expect(unique.queries).toEqual([
      'SELECT count(*) AS "n" FROM (SELECT 1 AS "one" FROM "shop__r_1"."orders" WHERE "status" IS NOT NULL AND ' +
        '"at" IS NOT NULL GROUP BY "status", "at" HAVING count(*) > 1) AS "repeated"',
    ]);
    expect(unique.judge([[{ n: 0 }]])).toBeUndefined();
    expect(unique.judge([[{ n: '2' }]])).toBe('2 values occur more than once in orders.status, orders.at');
  });

  test('accepted writes the values as the column does', () => {
    const literals = (accepted: string, values: unknown[]) =>
      /NOT IN \((.*)\)/.exec(plan({ accepted, values }).queries[0] as string)?.[1];
    expect(literals('orders.status', ['open', "it's", 7])).toBe("'open', 'it''s', '7'");
    expect(literals('orders.total', [1, '2.50'])).toBe('1, 2.50');
    expect(literals('orders.paid', [true, 'false'])).toBe('TRUE, FALSE');
    expect(literals('orders.at', ['2026-11-21'])).toBe("CAST('2026-11-21' AS TIMESTAMPTZ)");
    expect(unfit({ accepted: 'orders.total', values: ['free'] })).toMatch(/"free" can never be a value/);
    expect(unfit({ accepted: 'orders.extra', values: [1] })).toMatch(/cannot be listed/);
    const accepted = plan({ accepted: 'orders.status', values: ['open'] });
    expect(accepted.judge([[{ n: 3 }], [{ value: 'lost' }]])).toBe(
      '3 rows have another value in orders.status, such as "lost"',
    );
    expect(plan({ accepted: 'orders.status', values: ['open'] }, { redacted: true }).queries).toHaveLength(1);
  });

  test('sql reads the tables that are about to go live, and must return no rows', () => {
    const { settings, queries, judge } = plan({ sql: 'select 1 from orders -- all;\n ; ' });
    expect(settings).toEqual(['SET LOCAL search_path TO "shop__r_1"']);
    expect(queries[0]).toContain('FROM (select 1 from orders -- all\n) AS "found"');
    expect(judge([[{ n: 0 }]])).toBeUndefined();
    expect(judge([[{ n: 1 }]])).toBe('the query returns 1 row');
    expect(judge([[{ n: 1000 }]])).toBe('the query returns 1,000 rows or more');
  });

  test('names what there is not', () => {
    expect(unfit({ notNull: 'order.total' })).toBe('there is no table order. There are orders');
    expect(unfit({ notNull: 'orders.tax' })).toBe('table orders has no column tax');
  });
});

test('a definition has exactly one kind of check, with what belongs to it', () => {
  const problem = (check: object) => Checks.safeParse({ c: check }).error?.issues[0]?.message;
  expect(problem({ rows: 'orders', min: 1 })).toBeUndefined();
  expect(CheckDefinition.parse({ notNull: 'a.b' }).severity).toBe('stop');
  expect(problem({})).toBe('exactly one of rows, freshness, notNull, unique, accepted and sql');
  expect(problem({ notNull: 'a.b', sql: 'select 1' })).toMatch(/exactly one of/);
  expect(problem({ rows: 'orders' })).toBe('rows with min, max or change');
  expect(problem({ rows: 'orders', min: 2, max: 1 })).toBe('a min that is not above max');
  expect(problem({ freshness: 'a.b' })).toMatch(/freshness with within/);
  expect(problem({ freshness: 'a.b', within: '1 day' })).toMatch(/a duration such as 90s/);
  expect(problem({ accepted: 'a.b' })).toBe('accepted with values, a list');
  expect(problem({ notNull: 'a.b', values: [1] })).toBe('values only with accepted');
  expect(problem({ unique: ['a.b', 'c.d'] })).toBe('unique with columns of one table');
  expect(problem({ notNull: 'column' })).toBe('a table and a column, e.g. orders.status');
  expect(problem({ rows: 'orders', change: '0.3' })).toBe('a percentage, e.g. 30%');
});
