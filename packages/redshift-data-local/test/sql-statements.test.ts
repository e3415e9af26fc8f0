import { describe, expect, test } from '@jest/globals';
import { translate } from '../src/sql/translate.ts';
import type { TranslatedStatement } from '../src/sql/translated-statement.ts';

const statement = (sql: string): TranslatedStatement =>
  translate(sql, {
    database: 'dev',
    lateBindingViews: new Map([['s.late', 'select 1']]),
    roleOf: (kind, name) => `${kind}/${name}`,
  });
const last = (sql: string) => statement(sql).steps.at(-1);

describe('paths into SUPER values', () => {
  test.each([
    ['SELECT data.name FROM t', `SELECT ("data" -> 'name') AS "name" FROM "t"`],
    ['SELECT t.data.name AS n FROM t', `SELECT ("t"."data" -> 'name') AS "n" FROM "t"`],
    ['SELECT s.t.data.name FROM s.t', `SELECT ("s"."t"."data" -> 'name') AS "name" FROM "s"."t"`],
    ['SELECT a.b FROM a', 'SELECT "a"."b" FROM "a"'],
    ['SELECT b[2].c FROM a', `SELECT ("_redshift"."super_item"("b", 2) -> 'c') AS "c" FROM "a"`],
    ['SELECT b.c::int FROM a', `SELECT "_redshift"."super_integer"(("b" -> 'c'))::int4 FROM "a"`],
    [
      'SELECT i FROM t, t.items AS i AT n',
      `SELECT "i" FROM "t", LATERAL (SELECT e.value AS "i", e.position - 1 AS "n" FROM "_redshift"."array_members"("t"."items") e) AS "i"`,
    ],
    [
      'SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)',
      'SELECT 1 FROM "t" WHERE EXISTS (SELECT 1 FROM "u" WHERE "u"."id" = "t"."id")',
    ],
  ])('%s', (sql, expected) => {
    expect(last(sql)).toBe(expected);
  });
});

test('TOP becomes the LIMIT of its own SELECT, after ORDER BY', () => {
  expect(last('SELECT TOP 2 a FROM (SELECT TOP 3 a FROM t ORDER BY a) q ORDER BY a')).toBe(
    'SELECT "a" FROM (SELECT "a" FROM "t" ORDER BY "a" LIMIT 3) AS "q" ORDER BY "a" LIMIT 2',
  );
});

test('a cast to VARCHAR(n) cuts by bytes, one to VARCHAR does not', () => {
  expect(last("SELECT 'x'::varchar(3), 'x'::varchar")).toBe(
    `SELECT "_redshift"."cut_bytes"(('x')::varchar, 3)::varchar(3), 'x'::varchar`,
  );
});

describe('the effect of a statement on its transaction', () => {
  test.each([
    ['TRUNCATE s.t', 'commits'],
    ['COMMIT', 'commits'],
    ['END TRANSACTION', 'commits'],
    ['ROLLBACK', 'rollsBack'],
    ['ABORT', 'rollsBack'],
    ['BEGIN', 'begins'],
    ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'begins'],
    ['VACUUM', 'alone'],
    ['ALTER TABLE a APPEND FROM b', 'alone'],
    ['ALTER TABLE a ALTER COLUMN b TYPE VARCHAR(9)', 'alone'],
    ['ALTER SCHEMA a RENAME TO b', 'inside'],
    ['SET search_path TO a', 'inside'],
  ])('%s: %s', (sql, expected) => {
    expect(statement(sql).transaction).toBe(expected);
  });
});

describe('MERGE', () => {
  const on = 'ON t.id = u.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)';
  test.each([
    [`MERGE INTO s.t USING (SELECT 1) u ${on}`, 'subquery'],
    [`MERGE INTO s.t USING s.late u ${on}`, 'is a view'],
    [`MERGE INTO t USING public.t u ${on}`, 'same table'],
    [`MERGE INTO s.t AS x USING s.u ${on}`, 'syntax error'],
    ['MERGE INTO s.t USING s.u ON t.id = u.id REMOVE DUPLICATES', 'REMOVE DUPLICATES'],
    [
      `MERGE INTO s.t USING s.u ON t.id = u.v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)`,
      'Partial reference',
    ],
  ])('%s is refused', (sql, message) => {
    expect(() => statement(sql)).toThrow(message);
  });
});

describe('COPY', () => {
  const copy = (options: string) => statement(`COPY t FROM 's3://b/k' IAM_ROLE default ${options}`).copy!;

  test.each([
    ['CSV ESCAPE', 'CSV cannot be used with ESCAPE'],
    ["QUOTE '%'", 'QUOTE can be used only with CSV'],
    ['CSV IGNOREALLERRORS MAXERROR 2', 'IGNOREALLERRORS cannot be used with MAXERROR'],
    ['CSV GZIP ZSTD', 'GZIP cannot be used with ZSTD'],
    ["CSV DELIMITER '||'", 'a CSV delimiter of several characters'],
    ["DELIMITER 'ä'", 'ASCII characters'],
    [String.raw`DELIMITER '\\' ESCAPE`, 'must be different'],
    ["JSON 'AUTO'", "COPY JSON 'AUTO': should be 'auto'"],
    ["JSON 'auto' NULL AS 'x'", 'JSON cannot be used with NULL'],
    ["JSON 'auto' DELIMITER ','", 'JSON cannot be used with DELIMITER'],
    ['FORMAT JSON FILLRECORD', 'JSON cannot be used with FILLRECORD'],
    ['FORMAT JSON CSV', 'CSV cannot be used with JSON'],
    ['SERIALIZETOJSON', 'SERIALIZETOJSON can be used only with PARQUET'],
    [`CSV QUOTE ','`, 'must be different'],
    ["CSV CREDENTIALS 'aws_iam_role=x'", 'IAM_ROLE cannot be used with CREDENTIALS'],
    ["CSV TIMEFORMAT 'AUTO'", "TIMEFORMAT 'AUTO' is not a format"],
    ["CSV DATEFORMAT 'epochsecs'", 'is not a format'],
    ['CSV ENCODING UTF16', 'ENCODING UTF16'],
  ])('%s is refused', (options, message) => {
    expect(() => copy(options)).toThrow(message);
  });

  test('a date format matches as a whole', () => {
    const { dateFormat } = copy("CSV DATEFORMAT 'MON-DD-YYYY'");
    expect(dateFormat).toMatchObject({ text: 'MON-DD-YYYY' });
    const { pattern } = dateFormat as { pattern: RegExp };
    expect(
      ['Jan-01-1999', 'JAN-01-1999', 'Jan-01-1999x', '01-01-1999'].map((text) => pattern.test(text)),
    ).toEqual([true, true, false, false]);
  });
});
