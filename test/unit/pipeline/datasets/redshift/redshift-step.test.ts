import { describe, expect, test } from '@jest/globals';
import { columnType } from '../../../../../src/pipeline/datasets/records/column-type.ts';
import { isRewritten } from '../../../../../src/pipeline/datasets/redshift/redshift-type.ts';
import { resultTypeProblems } from '../../../../../src/pipeline/datasets/redshift/result-types.ts';
import { filesInput, tableInput } from '../../../../../src/pipeline/datasets/redshift/staged-input.ts';
import {
  partitionValue,
  type StepInput,
  stepTransaction,
} from '../../../../../src/pipeline/datasets/redshift/step-transaction.ts';
import { versionedInput, versionText } from '../../../../../src/pipeline/datasets/redshift/table-version.ts';
import { withoutEnd } from '../../../../../src/pipeline/datasets/redshift/without-end.ts';

const column = (name: string, type: string) => ({ name, type: columnType(type) });

test.each([
  ['SELECT 1', 'SELECT 1'],
  ['SELECT 1;', 'SELECT 1'],
  ["SELECT ';' ; -- the end; of it\n /* ; */ ;\n", "SELECT ';' "],
  ['SELECT "a;b" -- why\n', 'SELECT "a;b"'],
  ["SELECT 'it''s' -- '\n;", "SELECT 'it''s' -- '\n"],
])('%j can stand in parentheses as %j', (sql, expected) => {
  expect(withoutEnd(sql)).toBe(expected);
});

describe('the result of a step', () => {
  const declared = [
    column('account', 'bigint'),
    column('credits', 'decimal(18,2)'),
    column('at', 'timestamp'),
    column('name', 'string'),
  ];
  const good = [
    { name: 'account', type: 'numeric(38,0)' },
    { name: 'credits', type: 'numeric(38,2)' },
    { name: 'at', type: 'timestamp with time zone' },
    { name: 'name', type: 'character varying(20)' },
  ];

  test('may have types that its columns hold exactly', () => {
    expect(resultTypeProblems(declared, good)).toEqual([]);
  });

  test.each([
    ['credits', 'double precision', /^credits: it is declared as decimal\(18,2\), and the result has double/],
    ['credits', 'numeric(38,4)', /^credits: it is declared/],
    ['account', 'numeric(38,2)', /^account: it is declared/],
    ['at', 'timestamp without time zone', /^at: it is declared/],
    ['name', 'integer', /^name: it is declared/],
  ])('must not have %s as %s', (name, type, problem) => {
    const rows = good.map((each) => (each.name === name ? { name, type } : each));
    expect(resultTypeProblems(declared, rows)).toEqual([expect.stringMatching(problem)]);
  });

  test('has the declared columns and no others', () => {
    expect(resultTypeProblems(declared, [...good.slice(1), { name: 'more', type: 'bigint' }])).toEqual([
      'account: the result has no such column',
      'more: the result has it, as bigint, but columns does not declare it',
    ]);
  });
});

test('decimals that COPY of Parquet does not take are copied with 38 digits, and read as they are declared', () => {
  const types = ['decimal(18,2)', 'decimal(19,4)', 'decimal(36,0)', 'decimal(37,2)', 'decimal(38,2)'];
  const columns = types.map((type, n) => column(`c${n}`, type));
  expect(columns.map((each) => isRewritten([each]))).toEqual([false, true, true, false, false]);
  const { select, statements } = filesInput(
    0,
    { name: 't', columns, partitionColumns: [] },
    [{ values: [], columns: columns.map(({ name }) => name), manifest: 's3://lake/1' }],
    'default',
  );
  expect(statements[0]).toContain(
    '("c0" DECIMAL(18,2), "c1" DECIMAL(38,4), "c2" DECIMAL(38,0), "c3" DECIMAL(37,2), "c4" DECIMAL(38,2))',
  );
  expect(select).toMatch(
    /^SELECT "c0", "c1"::DECIMAL\(19,4\) AS "c1", "c2"::DECIMAL\(36,0\) AS "c2", "c3", "c4" FROM/,
  );
});

test('files that lack a column are copied without it, by position', () => {
  const columns = [column('a', 'bigint'), column('b', 'string'), column('c', 'decimal(18,2)')];
  const { select, statements } = filesInput(
    1,
    { name: 't', columns, partitionColumns: [column('day', 'date')] },
    [
      { values: ['2026-11-01'], columns: ['c', 'a'], manifest: 's3://lake/1' },
      { values: ['2026-11-02'], columns: ['a', 'b', 'c'], manifest: 's3://lake/2' },
    ],
    'default',
  );
  expect(statements[0]).toBe('CREATE TEMP TABLE "_tributary_input_2_1" ("c" DECIMAL(18,2), "a" BIGINT)');
  expect(statements[1]).toMatch(/^COPY "_tributary_input_2_1" FROM 's3:\/\/lake\/1' /);
  expect(select).toMatch(
    /^SELECT "a", NULL::VARCHAR\(65535\) AS "b", "c", '2026-11-01'::DATE AS "day" FROM .* UNION ALL SELECT "a", "b", "c"/,
  );
});

describe('the transaction of a partition', () => {
  const day = column('day', 'date');
  const shape = {
    name: 'transactions',
    columns: [column('amount', 'decimal(18,2)')],
    partitionColumns: [day],
  };
  const files = filesInput(
    0,
    shape,
    [{ values: ['2026-11-01'], columns: ['amount'], manifest: 's3://lake/m' }],
    'default',
  );
  const table = tableInput({ ...shape, name: 'daily' }, { schema: 'marts', table: 'daily' }, [
    {
      partition: '2026-11-01',
      value: partitionValue({ column: 'day', unit: 'day' }, '2026-11-01'),
      id: 'b1',
    },
  ]);
  const loader = { by: 'loader', lock: { version: 7, tableId: 4711 } } as const;
  const orders = versionedInput('orders', { schema: 'shop', table: 'orders' }, loader);
  const transaction = (inputs: readonly StepInput[]) =>
    stepTransaction({
      ...{ at: { schema: 'marts', table: 'stats' }, lock: '"marts"."lock"', sql: 'SELECT 1;', inputs },
      partition: partitionValue({ column: 'day', unit: 'day' }, '2026-11-01'),
      columns: [column('total', 'decimal(18,2)')],
      checks: [
        { name: 'none', sql: 'SELECT * FROM result', isStop: true },
        { name: 'few', sql: 'SELECT 1', isStop: false },
      ],
      before: { id: 'b0' },
      record: { partition: '2026-11-01', generation: 2, id: 'b2', code: 'c', inputs: 'i' },
    });

  test('locks before anything takes its snapshot, and writes the record after the rows', () => {
    const kinds = transaction([files]).map(({ sql }) => sql.split(/[\s(]+/, 2).join(' '));
    expect(kinds).toEqual([
      'LOCK TABLE',
      'SELECT 1',
      ...['CREATE TEMP', 'COPY "_tributary_input_1_1"'],
      'CREATE TEMP',
      ...['SELECT 1', 'WITH "transactions"', 'CREATE TEMP', 'INSERT INTO'],
      ...['DELETE FROM', 'INSERT INTO', 'DELETE FROM', 'INSERT INTO'],
    ]);
  });

  test('guards its own record and its inputs before the step; tables that a swap may rename, after it as well', () => {
    const guards = transaction([table, orders]).flatMap(({ guard, sql }) =>
      guard === undefined ? [] : [[guard, sql]],
    );
    expect(guards.map(([guard]) => guard)).toEqual([
      ...['record', 'inputs', 'inputs', 'exact', 'check none', 'inputs'],
    ]);
    expect(guards[0]?.[1]).toContain(`min("id") = 'b0'`);
    expect(guards[1]?.[1]).toContain(`"id" = 'b1'`);
    expect(guards[2]?.[1]).toContain('min("version") = 7');
    expect(guards[5]?.[1]).toBe(guards[2]?.[1]);
  });
});

test('the version of a table changes with its run, its changes, or its batches', () => {
  const marker = { pipeline: 'shop', run: 'r1', extractedFrom: '' };
  const position = { epoch: 'e', shard: 's', checkpoint: 1, ended: false, attempt: 'a' };
  const texts = [
    versionText({ by: 'pipeline', marker, positions: [] }),
    versionText({ by: 'pipeline', marker: { ...marker, run: 'r2' }, positions: [] }),
    versionText({ by: 'pipeline', marker, positions: [position] }),
    versionText({ by: 'pipeline', marker, positions: [{ ...position, checkpoint: 2 }] }),
    versionText({ by: 'loader', lock: { version: 1, tableId: 5 } }),
    versionText({ by: 'loader', lock: { version: 2, tableId: 5 } }),
    versionText({ by: 'loader', lock: { version: 2, tableId: 6 } }),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});
