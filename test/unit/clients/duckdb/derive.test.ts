import { describe, expect, test } from '@jest/globals';
import { createDuckDbTableEngine } from '../../../../src/clients/duckdb/duckdb-table-engine.ts';
import { checkQuery } from '../../../../src/pipeline/datasets/derived/step-checks.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { columnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { stepDirectories } from './step-directory.ts';

const engine = createDuckDbTableEngine({ threads: 1 });
const directory = stepDirectories();

const columns = (types: Readonly<Record<string, string>>): TableColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type: columnType(type) }));

const none = {
  t: {
    columns: columns({ id: 'bigint', amount: 'decimal(18,2)' }),
    partitionColumns: columns({ day: 'date' }),
    partitions: [{ values: ['2026-11-01'], files: [] }],
  },
};

const derive = (sql: string, types: Readonly<Record<string, string>>, tables = none) =>
  engine.derive({ sql, tables, columns: columns(types), directory: directory() });

/** The rows of a step, as texts. */
async function rowsOf(
  sql: string,
  types: Readonly<Record<string, string>>,
): Promise<(readonly (string | null)[])[]> {
  const { path } = await derive(sql, types);
  if (path === undefined) return [];
  const table = {
    columns: columns(types),
    partitionColumns: [],
    partitions: [{ values: [], files: [path] }],
  };
  const found: (readonly (string | null)[])[] = [];
  for await (const { rows } of engine.query({ sql: 'FROM r', tables: { r: table }, directory: directory() }))
    for (const row of rows) found.push(row);
  return found;
}

describe('a step', () => {
  test('gives a sorted file with the declared columns, and its content', async () => {
    const sql = `SELECT b, a FROM (VALUES (2, 'x'), (NULL, 'y'), (1, 'z')) v(a, b) -- as they come;`;
    expect(await rowsOf(sql, { a: 'bigint', b: 'string' })).toEqual([
      [null, 'y'],
      ['1', 'z'],
      ['2', 'x'],
    ]);
    const one = await derive(sql, { a: 'bigint', b: 'string' });
    const other = await derive(`SELECT * FROM (VALUES (1, 'z'), (2, 'x'), (NULL, 'y')) v(a, b)`, {
      ...{ a: 'bigint', b: 'string' },
    });
    expect(one.content).toEqual(other.content);
    expect(one.content.rows).toBe(3);
  });

  test('writes -0 as 0, and tells an infinite time from none', async () => {
    const contentOf = async (numbers: string, at: string) => {
      const sql = `SELECT a, ${at}::TIMESTAMPTZ AS at FROM unnest(${numbers}::DOUBLE[]) u(a)`;
      return (await derive(sql, { a: 'double', at: 'timestamp' })).content;
    };
    const zeros = await contentOf('[0, -0.0, 1]', "'infinity'");
    expect(await contentOf('[-0.0, 0, 1]', "'infinity'")).toEqual(zeros);
    expect(await contentOf('[0, 0, 1]', "'infinity'")).toEqual(zeros);
    const others = [await contentOf('[0, 0, 1]', 'NULL'), await contentOf('[0, 0, 1]', "'-infinity'")];
    expect(new Set([...others, zeros].map(({ sums }) => sums.join())).size).toBe(3);
  });

  test('has structs, whatever the names of their fields', async () => {
    const type = columnType({ list: { struct: { x: 'double', end: 'string' } } });
    const sql = `SELECT [{ 'x': 1::DOUBLE, 'end': 'z' }, NULL] AS l`;
    const { content } = await engine.derive({
      ...{ sql, tables: none, columns: [{ name: 'l', type }], directory: directory() },
    });
    expect(content.rows).toBe(1);
  });

  test('without rows has no file', async () => {
    const { path, content } = await derive('SELECT id, amount FROM t', {
      id: 'bigint',
      amount: 'decimal(18,2)',
    });
    expect([path, content.rows, content.sums]).toEqual([undefined, 0, ['0', '0']]);
  });

  test('divides and averages exactly', async () => {
    const exact = `SELECT div_exact(10.00::DECIMAL(18,2), 3, 2) AS a, div_exact(-0.05::DECIMAL(18,2), 10, 2) AS b,
      div_exact(1, 0.003, 4) AS c, div_exact(99999999999999999999.99::DECIMAL(22,2), 7, 6) AS d,
      (SELECT avg_exact(x, 2) FROM (VALUES (1.10::DECIMAL(18,2)), (2.20), (2.25), (NULL)) v(x)) AS e,
      div_exact(1, 0, 2) AS f`;
    const types = {
      ...{ a: 'decimal(38,2)', b: 'decimal(38,2)', c: 'decimal(38,4)', d: 'decimal(38,6)' },
      ...{ e: 'decimal(38,2)', f: 'decimal(38,2)' },
    };
    expect(await rowsOf(exact, types)).toEqual([
      ['3.33', '-0.01', '333.3333', '14285714285714285714.284286', '1.85', null],
    ]);
  });

  test('refuses a result that differs from the declared columns', async () => {
    await expect(derive('SELECT 1.5 AS a, 2 AS b', { a: 'bigint' })).rejects.toMatchObject({
      code: 'StepInvalid',
      message:
        'b: the result has it, as INTEGER, but columns does not declare it; ' +
        'a: it is declared as bigint, and the result has DECIMAL(2,1): cast it in the SQL',
    });
  });

  test('fails if a value does not fit its column', async () => {
    await expect(derive('SELECT 1000.00 AS a', { a: 'decimal(4,2)' })).rejects.toMatchObject({
      code: 'StepFailed',
    });
    await expect(derive('SELECT 1 AS a FROM nowhere', { a: 'bigint' })).rejects.toMatchObject({
      code: 'StepFailed',
    });
  });

  test('is checked over the rows that are written', async () => {
    const { failedChecks } = await engine.derive({
      sql: 'SELECT * FROM (VALUES (1, 2.50), (1, 2.5), (NULL, 1.00)) v(a, b)',
      ...{ tables: none, columns: columns({ a: 'bigint', b: 'decimal(18,2)' }), directory: directory() },
      checks: Object.entries({
        few: { max: 2 },
        many: { min: 3, max: 3 },
        filled: { notNull: 'a' },
        once: { unique: ['a', 'b'] },
        control: { sql: 'SELECT sum(b) AS total FROM result HAVING sum(b) <> 6' },
        inputs: { sql: 'SELECT * FROM t' },
      }).map(([name, check]) => ({ name, sql: checkQuery({ ...check, severity: 'stop' }, 0) })),
    });
    expect(failedChecks).toEqual([
      { name: 'few', rows: 1, example: '{"rows":3}' },
      { name: 'filled', rows: 1, example: '{"a":null,"b":1.00}' },
      { name: 'once', rows: 1, example: '{"a":1,"b":2.50,"rows":2}' },
    ]);
  });

  test('of files is checked as it is there, without rows as well', async () => {
    const own = { columns: columns({ id: 'bigint' }), directory: directory() };
    const { path } = await engine.derive({
      ...{ sql: 'SELECT * FROM range(3) t(id)', tables: {}, columns: own.columns, directory: directory() },
    });
    const checks = [
      { name: 'some', sql: checkQuery({ min: 1, severity: 'stop' }, 0) },
      { name: 'small', sql: 'SELECT * FROM result WHERE id > 1' },
    ];
    expect(await engine.check({ ...own, checks, files: [path as string] })).toEqual([
      { name: 'small', rows: 1, example: '{"id":2}' },
    ]);
    expect(await engine.check({ ...own, checks, files: [] })).toEqual([
      { name: 'some', rows: 1, example: '{"rows":0}' },
    ]);
    const reading = [{ name: 'passwd', sql: "SELECT * FROM read_text('/etc/passwd')" }];
    await expect(engine.check({ ...own, checks: reading, files: [] })).rejects.toMatchObject({
      message: expect.stringMatching(/disabled/),
    });
  });

  test('is fresh, if its latest date or time is not older than it may be', async () => {
    const until = Date.parse('2026-11-02T00:00:00Z');
    const check = (column: string, within: number) =>
      checkQuery({ freshness: { column, within }, severity: 'stop' }, until);
    const hour = 3600;
    const { failedChecks } = await engine.derive({
      sql: `SELECT DATE '2026-10-31' AS day, TIMESTAMPTZ '2026-11-01 21:00:00+00' AS at, NULL::DATE AS never`,
      ...{ tables: none, columns: columns({ day: 'date', at: 'timestamp', never: 'date' }) },
      directory: directory(),
      checks: [
        { name: 'at', sql: check('at', 3 * hour) },
        { name: 'old_at', sql: check('at', 3 * hour - 1) },
        { name: 'day', sql: check('day', 24 * hour) },
        { name: 'old_day', sql: check('day', 24 * hour - 1) },
        { name: 'never', sql: check('never', 24 * hour) },
      ],
    });
    expect(failedChecks.map(({ name }) => name)).toEqual(['old_at', 'old_day', 'never']);
    expect(failedChecks[1]?.example).toBe('{"newest":"2026-10-31"}');
  });

  test('reads the files of its tables only', async () => {
    await expect(
      derive(`SELECT content AS a FROM read_text('/etc/passwd')`, { a: 'string' }),
    ).rejects.toMatchObject({
      ...{ code: 'StepFailed', message: expect.stringMatching(/disabled/) },
    });
  });
});
