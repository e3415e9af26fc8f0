import { describe, expect, test } from '@jest/globals';
import { translate } from '../src/sql/translate.ts';
import type { Warehouse } from '../src/sql/translation.ts';

const warehouse: Warehouse = {
  database: 'dev',
  lateBindingViews: new Map([['reports.recent', 'select id from live.orders where id > 7']]),
  roleOf: (kind, name) => `${kind}/${name}`,
};
const steps = (sql: string, parameters?: Map<string, string>) => translate(sql, warehouse, parameters).steps;

describe('names', () => {
  test('fold to lower case, quoted or not', () => {
    expect(steps('SELECT "Id", NAME FROM "S"."Orders"')).toEqual(['SELECT "id", "name" FROM "s"."orders"']);
  });

  test('of more than 63 bytes become short ones that stay distinct', () => {
    const long = `nobel__20261121t062033z_ab12cd_1__${'x'.repeat(60)}`;
    const one = translate(`SELECT 1 FROM s."${long}"`, warehouse);
    const other = translate(`SELECT 1 FROM s."${long}y"`, warehouse);
    const [physical] = [...one.longNames.keys()];
    expect(one.longNames.get(physical!)).toBe(long);
    expect(Buffer.byteLength(physical!)).toBeLessThanOrEqual(63);
    expect(other.steps).not.toEqual(one.steps);
  });

  test('of more than 127 bytes are refused, although Redshift truncates them', () => {
    expect(() => steps(`SELECT 1 FROM s."${'x'.repeat(128)}"`)).toThrow('longer than 127 bytes');
  });

  test('of the server itself cannot be reached', () => {
    expect(() => steps('SELECT * FROM _redshift_state.statement')).toThrow(
      'schema "_redshift_state" does not exist',
    );
  });
});

describe('what this dialect does not support', () => {
  test.each([
    ['SELECT soundex(a) FROM t', 'the function SOUNDEX'],
    ['SELECT * FROM stl_wlm_query', 'the system relation stl_wlm_query'],
    ["UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default JSON", 'UNLOAD FORMAT JSON'],
    ["UNLOAD ('select 1') TO 's3://b/k' IAM_ROLE default BZIP2", 'the UNLOAD option BZIP2'],
    ['CREATE MATERIALIZED VIEW v AS SELECT 1', 'CREATE MATERIALIZED'],
    ['CREATE TABLE t (a TIME)', 'the type TIME'],
    ['SELECT a FROM t QUALIFY row_number() over (order by a) = 1', 'QUALIFY'],
    ["COPY t FROM 's3://b/k' IAM_ROLE default CSV READRATIO 50", 'the COPY option READRATIO'],
    ["COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AS ORC", 'COPY FORMAT ORC'],
    ["COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AVRO 'auto'", 'COPY FORMAT AVRO'],
    ["COPY t FROM 's3://b/k' IAM_ROLE default FIXEDWIDTH 'a:3'", 'the COPY option FIXEDWIDTH'],
    ["COPY t FROM 's3://b/k' IAM_ROLE default BZIP2", 'the COPY option BZIP2'],
  ])('%s is refused by name', (sql, named) => {
    expect(() => steps(sql)).toThrow(`not supported by the local Redshift: ${named}`);
  });

  test.each([
    'SELEC 1',
    'SELECT 1 1',
    'SELECT FROM',
    'DROP TABLE',
    'SELECT 1; SELECT 2',
    'INSERT INTO t VALUES (1',
    "SELECT 'a",
  ])('%s is a syntax error', (sql) => {
    expect(() => steps(sql)).toThrow(/syntax error|unterminated/);
  });
});

describe('tables', () => {
  test('bare VARCHAR is 256 bytes, bare DECIMAL is (18,0), TEXT is VARCHAR(256)', () => {
    const [create, record] = steps('CREATE TABLE s.t (a VARCHAR, b DECIMAL, c TEXT)');
    expect(create).toContain('CHECK (octet_length("a") <= 256)');
    expect(create).toContain('"b" numeric(18,0)');
    expect(record).toContain('character varying(256)');
  });

  test('keys are recorded, not enforced, but a primary key column is NOT NULL', () => {
    const [create, record] = steps(
      'CREATE TABLE s.t (a INT, b INT UNIQUE, PRIMARY KEY (a), FOREIGN KEY (b) REFERENCES s.u (x))',
    );
    expect(create).toBe('CREATE TABLE "s"."t" ("a" int4 NOT NULL, "b" int4)');
    expect(record).toContain('"primaryKey":["a"]');
  });

  test('distribution, sorting and encoding are understood and kept', () => {
    const [, record] = steps(
      'CREATE TABLE s.t (a INT ENCODE az64, b INT) DISTSTYLE KEY DISTKEY (a) COMPOUND SORTKEY (b, a) BACKUP NO',
    );
    expect(record).toContain('"distkey":"a"');
    expect(record).toContain('"sortkey":["b","a"]');
    expect(record).toContain('"encode":"az64"');
  });

  test.each([
    'CREATE TEMP TABLE t (a INT)',
    'CREATE LOCAL TEMPORARY TABLE t (a INT)',
    'CREATE TABLE #t (a INT)',
  ])('%s belongs to the session', (sql) => {
    expect(steps(sql)[0]).toMatch(/^CREATE TEMP TABLE "#?t" \("a" int4\)$/);
  });

  test.each([
    ['CREATE TEMP TABLE s.t (a INT)', 'may not specify a schema name'],
    ['CREATE TABLE s.t (a VARCHAR(65536))', 'cannot exceed 65535'],
    ['CREATE TABLE s.t (a DECIMAL(39,0))', 'precision 39'],
    ['CREATE TABLE s.t (a INT, A INT)', 'specified more than once'],
    ['CREATE TABLE s.t (a INT ENCODE best)', 'invalid encoding'],
    ['CREATE TABLE s.t (a INT) DISTSTYLE EVEN DISTKEY (a)', 'DISTSTYLE'],
  ])('%s is refused', (sql, message) => {
    expect(() => steps(sql)).toThrow(message);
  });
});

describe('queries', () => {
  test('a late-binding view is replaced by its text', () => {
    expect(steps('SELECT v.id FROM reports.recent v')).toEqual([
      'SELECT "v"."id" FROM (SELECT "id" FROM "live"."orders" WHERE "id" > 7) AS "v"',
    ]);
  });

  test('a late-binding view needs qualified names', () => {
    expect(() => steps('CREATE VIEW s.v AS SELECT * FROM t WITH NO SCHEMA BINDING')).toThrow(
      'should be qualified',
    );
  });

  test("Redshift's own forms become PostgreSQL's", () => {
    expect(
      steps(
        "SELECT nvl(a, 0), listagg(b, ',') WITHIN GROUP (ORDER BY b), dateadd(day, 1, c) FROM t GROUP BY 1",
      ),
    ).toEqual([
      `SELECT coalesce("a", 0), "_redshift"."listagg"(("b")::text, ',' ORDER BY "b"), "_redshift"."dateadd"('day', 1, "c") FROM "t" GROUP BY 1`,
    ]);
  });

  test('a parameter is a value, even with a cast after it', () => {
    expect(
      steps(
        'SELECT :id::int, a::int FROM t WHERE b = :name',
        new Map([
          ['id', '7'],
          ['name', "O'Brien"],
        ]),
      ),
    ).toEqual([`SELECT '7'::int4, "a"::int4 FROM "t" WHERE "b" = 'O''Brien'`]);
  });

  test('a missing parameter is an error', () => {
    expect(() => steps('SELECT :id')).toThrow('Parameter id is missing');
  });

  test('backslashes in literals are escapes, as in PostgreSQL 8', () => {
    expect(steps(String.raw`SELECT 'a\\b\'c'`)).toEqual([String.raw`SELECT 'a\b''c'`]);
  });
});

test('TRUNCATE commits; writers lock the table against each other first', () => {
  expect(translate('TRUNCATE s.t', warehouse).transaction).toBe('commits');
  expect(steps('DELETE FROM s.t')[0]).toBe('LOCK TABLE "s"."t" IN SHARE ROW EXCLUSIVE MODE');
});

test('users, groups and roles are distinguished; groups cannot pass a grant on', () => {
  expect(steps('GRANT SELECT ("A"), DROP ON s.t TO bob WITH GRANT OPTION, GROUP g, ROLE r, PUBLIC')).toEqual([
    'GRANT SELECT ("a"), TRIGGER ON TABLE "s"."t" TO "user/bob" WITH GRANT OPTION',
    'GRANT SELECT ("a"), TRIGGER ON TABLE "s"."t" TO "group/g"',
    'GRANT SELECT ("a"), TRIGGER ON TABLE "s"."t" TO "role/r"',
    'GRANT SELECT ("a"), TRIGGER ON TABLE "s"."t" TO PUBLIC',
  ]);
  expect(() => steps('GRANT SELECT ON s.t TO GROUP g WITH GRANT OPTION')).toThrow(
    'not supported for a group',
  );
});
