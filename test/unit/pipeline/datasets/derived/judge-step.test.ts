import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DerivedStore } from '../../../../../src/pipeline/datasets/derived/derived-store.ts';
import { judgeStep } from '../../../../../src/pipeline/datasets/derived/judge-step.ts';
import { stepVersion } from '../../../../../src/pipeline/datasets/derived/step-version.ts';

let parse: (sql: string) => Promise<string>;
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  parse = async (sql) => {
    const text = sql.replaceAll("'", "''");
    return String((await connection.runAndReadAll(`SELECT json_serialize_sql('${text}')`)).getRows()[0]?.[0]);
  };
});

const judge = async (sql: string) => judgeStep(await parse(sql));

describe('a step may', () => {
  test.each([
    "SELECT account, sum(amount) AS credits FROM transactions WHERE kind = 'credit' GROUP BY account;",
    'SELECT div_exact(sum(amount), count(*), 2) FROM t',
    'SELECT avg_exact(amount, 2) FROM t',
    'SELECT cast(avg(amount) AS DECIMAL(18,2)), avg(amount)::DOUBLE, (a / b)::DECIMAL(9,2), 1e3::DOUBLE FROM t',
    'SELECT 1.50, 12 FROM t',
    'SELECT median(amount::DECIMAL(18,3)), mad(amount::DOUBLE), sqrt(amount)::DOUBLE, list_avg(l)::DOUBLE FROM t',
    'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount::DOUBLE) FROM t',
    'SELECT quantile_disc(a, 0.5), percentile_disc(0.5) WITHIN GROUP (ORDER BY a), quantile(a, 0.9) FROM t',
    "SELECT list_aggregate(l, 'sum'), list_sum(l), list_median(l::DECIMAL(18,3)[]) FROM t",
    'SELECT sum(a) * b, a % b, round(a, 1), abs(a), floor(a), trunc(a), max(a) FROM t',
    "SELECT string_agg(name, ',' ORDER BY name), list(x ORDER BY x), row_number() OVER (ORDER BY x) FROM t",
    'SELECT * FROM t ORDER BY a, b LIMIT 3',
    'WITH a AS (SELECT * FROM t) SELECT * FROM a, range(3)',
  ])('be %s', async (sql) => {
    expect((await judge(sql)).problems).toEqual([]);
  });

  test('read tables and name its own', async () => {
    const { tables } = await judge(
      'WITH a AS (SELECT * FROM x JOIN y USING (k)) SELECT * FROM a WHERE k IN (SELECT k FROM z)',
    );
    expect(tables).toEqual(['x', 'y', 'z']);
  });
});

describe('a step must not', () => {
  test.each<[sql: string, problem: RegExp]>([
    ['SELECT a / b FROM t', /^\/ gives a float: write div_exact/],
    ['SELECT a // b FROM t', /^\/\/ gives a float/],
    ['SELECT avg(a) FROM t', /^avg gives a float: write avg_exact/],
    ['SELECT x FROM t WHERE a > (SELECT mean(b) FROM t)', /^mean gives a float/],
    ['SELECT cast((SELECT avg(a) FROM t) AS DECIMAL(9,2))', /^avg gives a float/],
    ['SELECT coalesce(a, 1e0) FROM t', /exponent is a float/],
    ['SELECT percent_rank() OVER (ORDER BY a) FROM t', /^percent_rank gives a float/],
    [
      'SELECT median(a) FROM t',
      /^median interpolates, .*: write quantile_disc\(x, 0\.5\), or cast its argument/,
    ],
    ['SELECT median(a)::DECIMAL(18,3) FROM t', /^median interpolates/],
    ['SELECT quantile_cont(a, 0.5) FROM t', /^quantile_cont interpolates/],
    ['SELECT percentile_cont(0.5::DOUBLE) WITHIN GROUP (ORDER BY a) FROM t', /^quantile_cont interpolates/],
    ['SELECT median(a) OVER () FROM t', /^median interpolates/],
    ['SELECT mad(a) FROM t', /^mad interpolates, .*: cast its argument/],
    ['SELECT fsum(a) FROM t', /^fsum gives a float: write sum\(x\), or/],
    ['SELECT weighted_avg(a, b) FROM t', /^weighted_avg gives a float: write div_exact\(sum\(x \* w\)/],
    ["SELECT list_aggregate(l, 'avg') FROM t", /^avg gives a float: put a cast/],
    ["SELECT list_aggr(l, 'median') FROM t", /^median interpolates/],
    ['SELECT list_median(l) FROM t', /^median interpolates/],
    ['SELECT list_transform(l, lambda x: sqrt(x)) FROM t', /^sqrt gives a float/],
    ['SELECT approx_quantile(a, 0.5) FROM t', /^approx_quantile may give another/],
    ['SELECT now() FROM t', /^now depends on the clock/],
    ['SELECT CURRENT_DATE FROM t', /^current_date depends on the clock/],
    ['SELECT random() FROM t', /^random depends on chance/],
    ['SELECT uuid() FROM t', /^uuid depends on chance/],
    ['SELECT first(a) FROM t', /^first depends on the order/],
    ["SELECT string_agg(a, ',') FROM t", /^string_agg depends on the order/],
    ['SELECT row_number() OVER (PARTITION BY a) FROM t', /^row_number depends on the order/],
    ['SELECT lag(a) OVER (PARTITION BY b) FROM t', /^lag depends on the order/],
    ['SELECT first_value(a) OVER () FROM t', /^first_value depends on the order/],
    ['SELECT age(a) FROM t', /^age of one time depends on the clock/],
    ['SELECT current_localtimestamp() FROM t', /^current_localtimestamp depends on the clock/],
    ['SELECT json_group_array(a) FROM t', /^json_group_array may give another result/],
    ['SELECT current_role FROM t', /^current_role depends on the session/],
    ['SELECT a FROM t LIMIT 3', /^LIMIT without ORDER BY/],
    ['SELECT DISTINCT ON (a) a, b FROM t', /^DISTINCT ON without ORDER BY/],
    ['SELECT a FROM t USING SAMPLE 10', /^a sample/],
    ['SELECT a FROM t TABLESAMPLE 5%', /^a sample/],
    ["SELECT * FROM read_parquet('x')", /^read_parquet is not an input/],
    ['SELECT * FROM duckdb_settings()', /^duckdb_settings is not an input/],
    ['SELECT * FROM other.t', /^other\.t is not an input/],
    ["SELECT getenv('HOME')", /^getenv depends on the session/],
    ['SELECT 1; SELECT 2', /^it must be one SELECT, and has 2/],
    ['INSERT INTO t VALUES (1)', /^it must be a SELECT/],
    ['SELEC 1', /^it is not SQL: syntax error/],
  ])('be %s', async (sql, problem) => {
    expect((await judge(sql)).problems).toEqual([expect.stringMatching(problem)]);
  });

  test('hide anything in a subquery, a WITH, a UNION or a window', async () => {
    for (const sql of [
      'SELECT * FROM (SELECT now() FROM t)',
      'WITH a AS (SELECT now() FROM t) SELECT * FROM a',
      'SELECT a FROM t UNION ALL SELECT now() FROM t',
      'SELECT sum(a) OVER (ORDER BY now()) FROM t',
      'SELECT a FROM t ORDER BY now()',
      'SELECT CASE WHEN a THEN list_transform(b, lambda x: now()) END FROM t',
    ])
      expect((await judge(sql)).problems).toEqual([expect.stringMatching(/^now depends/)]);
  });
});

test('no function of DuckDB gives a float of decimals without a cast', async () => {
  const rows = await connection.runAndReadAll(
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('aggregate', 'scalar', 'macro')",
  );
  const found: string[] = [];
  for (const [name] of rows.getRows() as [string][])
    for (const call of calls(name)) {
      const sql = `SELECT ${call} AS y FROM t`;
      if (!/DOUBLE|FLOAT/.test(await typeOf(sql))) continue;
      found.push(name);
      expect([call, (await judge(sql)).problems]).toEqual([
        call,
        expect.arrayContaining([expect.any(String)]),
      ]);
    }
  expect(found).toEqual(expect.arrayContaining(['stddev', '/', 'list_avg', 'geomean', 'percent_rank']));
});

/** Every way to call it with a decimal `x`. */
const calls = (name: string) =>
  /^\w+$/.test(name)
    ? ['', 'x', 'x, x', 'x, x, x', 'x, 1', '[x]', '[x], [x]', '[x]::DECIMAL(18,2)[1], [x]::DECIMAL(18,2)[1]']
        .map((given) => `${name}(${given})`)
        .concat(`${name}() OVER ()`)
    : [`x ${name} x`, `${name} x`, `[x] ${name} [x]`];

/** @returns the type of its column, or nothing if DuckDB refuses it */
const typeOf = (sql: string): Promise<string> =>
  connection
    .prepare(`WITH t AS (SELECT 0.01::DECIMAL(18,2) AS x) ${sql}`)
    .then((prepared) => String(prepared.columnType(0)))
    .catch(() => '');

describe('the version of a step', () => {
  const store = DerivedStore.parse({ bucket: 'lake', prefix: 'tables' });
  const settings = {
    inputs: { a: 'same-day', b: 'all' },
    reference: {},
    columns: { x: 'bigint', y: 'string' },
    partition: { column: 'day', unit: 'day' as const, timezone: 'UTC' },
    store,
  };
  const version = async (sql: string, more = {}) =>
    stepVersion((await judge(sql)).tree, { ...settings, ...more });

  test('is the same after a comment, other spaces and another order of inputs', async () => {
    const one = await version('SELECT a FROM t WHERE b = 1');
    expect(await version('-- why\nSELECT a\n  FROM t /* all */ WHERE b=1;')).toBe(one);
    expect(await version('SELECT a FROM t WHERE b = 1', { inputs: { b: 'all', a: 'same-day' } })).toBe(one);
  });

  test('is another after any other change', async () => {
    const versions = await Promise.all([
      version('SELECT a FROM t WHERE b = 1'),
      version('SELECT a FROM t WHERE b = 2'),
      version('SELECT a FROM t WHERE b = \',"query_location":5\''),
      version('SELECT a FROM t WHERE b = \',"query_location":6\''),
      version('SELECT a FROM t WHERE b = 9007199254740993'),
      version('SELECT a FROM t WHERE b = 9007199254740992'),
      version('SELECT a FROM t WHERE b = 1', { inputs: { a: 'previous-day', b: 'all' } }),
      version('SELECT a FROM t WHERE b = 1', { columns: { y: 'string', x: 'bigint' } }),
      version('SELECT a FROM t WHERE b = 1', { store: { ...store, format: 'tsv' } }),
      version('SELECT a FROM t WHERE b = 1', { store: { ...store, format: ['tsv', 'parquet'] } }),
      version('SELECT a FROM t WHERE b = 1', { store: { ...store, format: 'tsv', header: false } }),
      version('SELECT a FROM t WHERE b = 1', { store: { ...store, format: 'tsv', filePer: 'x' } }),
    ]);
    expect(new Set(versions).size).toBe(versions.length);
  });
});

describe('a step for Redshift', () => {
  const problemsOf = async (sql: string) => judgeStep(await parse(sql), 'redshift').problems;

  test('may be SQL that both parsers know', async () => {
    expect(
      await problemsOf(
        "SELECT DATEADD(day, 1, day)::DATE AS next, NVL(a, 0), SUM(CASE WHEN k = 'x' THEN a ELSE 0 END) FROM t GROUP BY 1, 2",
      ),
    ).toEqual([]);
  });

  test.each<[sql: string, problem: RegExp]>([
    ['SELECT GETDATE() FROM t', /^getdate depends on the clock/],
    ['SELECT SYSDATE FROM t', /^sysdate depends on the clock/],
    ['SELECT pg_backend_pid() FROM t', /^pg_backend_pid depends on the session/],
    ['SELECT a / b FROM t', /^\/ cuts digits or gives a float: put a cast around it/],
    ['SELECT avg(a) FROM t', /^avg cuts digits/],
    ['SELECT * FROM generate_series(1, 3)', /^generate_series is not an input/],
    ["SELECT LISTAGG(a, ',') FROM t", /^listagg depends on the order of rows/],
  ])('must not be %s', async (sql, problem) => {
    expect(await problemsOf(sql)).toEqual([expect.stringMatching(problem)]);
  });

  test('has another version than the same step for DuckDB', async () => {
    const { tree } = await judge('SELECT * FROM t');
    const settings = {
      store: DerivedStore.parse({ bucket: 'lake', prefix: 'x' }),
      inputs: { t: 'same-day' },
      reference: {},
      columns: { a: 'bigint' },
      partition: { column: 'd', unit: 'day', timezone: 'UTC' },
    } as const;
    expect(stepVersion(tree, { ...settings, engine: 'redshift', tables: {} })).not.toBe(
      stepVersion(tree, settings),
    );
  });
});
