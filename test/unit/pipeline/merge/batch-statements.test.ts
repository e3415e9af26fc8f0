import { describe, expect, test } from '@jest/globals';
import type { BatchLoad } from '../../../../src/pipeline/merge/batch-load.ts';
import { batchStatements } from '../../../../src/pipeline/merge/batch-statements.ts';
import { batches } from '../../../../src/pipeline/sql/batches.ts';
import { guardOf, sqlOf } from '../../../../src/pipeline/sql/guarded-statement.ts';
import { column, LOAD, RULE, TARGET } from './example.ts';

const statements = (more: Partial<BatchLoad> = {}) => batchStatements({ ...LOAD, ...more });
const texts = (more: Partial<BatchLoad> = {}) => sqlOf(statements(more));
const groups = (n: number) => Array.from({ length: n }, () => LOAD.groups[0]!);

describe('the transaction of a batch', () => {
  test.each([
    ['that merges', LOAD.merge],
    ['that appends', undefined],
  ])('%s locks the lock row before anything else, and never the target', (_, merge) => {
    const sql = texts({ merge });
    expect(sql[0]).toBe('LOCK TABLE "landing"."_tributary_lock__quakes"');
    expect(sql.filter((text) => text.includes('LOCK'))).toHaveLength(1);
    expect(sql[1]).toMatch(/min\("version"\) = 7 AND min\("table_id"\) = 4711/);
  });

  test('has at most 40 statements for four groups of files, or seven of an append', () => {
    expect(statements()).toHaveLength(25);
    expect(statements({ groups: groups(4) })).toHaveLength(37);
    expect(statements({ replace: '"day" = 1' })).toHaveLength(28);
    expect(statements({ merge: undefined })).toHaveLength(15);
    expect(statements({ merge: undefined, groups: groups(7) })).toHaveLength(39);
  });

  test('tells which of its guards failed', () => {
    const all = statements();
    expect(all.flatMap(({ guard }) => guard ?? [])).toEqual(['version', 'files', 'values', 'rows', 'table']);
    const nth = all.findIndex(({ guard }) => guard === 'values') + 1;
    expect(guardOf(all, nth)).toBe('values');
    expect(guardOf(all, nth - 1)).toBeUndefined();
    expect(guardOf(all, undefined)).toBeUndefined();
    for (const { sql, guard } of all) expect(guard !== undefined).toBe(sql.includes('AS "guard"'));
  });

  test('reads DECIMALs as text, columns without a place as text, and all others by the target’s type', () => {
    expect(texts()).toContain(
      'CREATE TEMP TABLE "_tributary_rows_1" ("op" varchar(65535), "id" varchar(20), "updated" timestamp, ' +
        '"price" varchar(128), "notes" super, "depth" float8)',
    );
  });

  test('distributes its temporary tables as the target is, if it can', () => {
    const distributed = (distKey: string) =>
      texts({ target: { ...TARGET, distKey } }).filter((sql) => sql.includes(`DISTKEY("${distKey}")`));
    // Rows and keys.
    expect(distributed('id')).toHaveLength(2);
    expect(distributed('depth')).toHaveLength(1);
  });

  test('compares keys with their length, wherever it compares them', () => {
    const comparing = texts().filter((sql) => sql.includes('"id" = "_tributary_keys"."id"'));
    expect(comparing).toHaveLength(5);
    for (const sql of comparing) {
      const count = (text: string) => sql.split(text).length - 1;
      expect(count('OCTET_LENGTH("_tributary_keys"."id")')).toBe(count('"id" = "_tributary_keys"."id"'));
    }
  });

  test('of Parquet has only the options that COPY takes for it', () => {
    const [group] = LOAD.groups;
    const parquet = { ...group!, format: 'parquet' as const, copyOptions: ['FORMAT AS PARQUET'] };
    const copy = texts({ groups: [parquet], region: 'eu-west-1' }).find((sql) => sql.startsWith('COPY'));
    expect(copy).toBe(
      `COPY "_tributary_rows_1" FROM 's3://tributary/m/1.manifest' IAM_ROLE default MANIFEST FORMAT AS PARQUET STATUPDATE OFF`,
    );
  });

  test('reads a Parquet column by the file’s own type, and casts it if that keeps every digit', () => {
    const [group] = LOAD.groups;
    const columns = [
      { name: 'id', column: 'id' },
      { name: 'price', column: 'price', type: 'decimal(12,3)' },
      { name: 'depth', column: 'depth', type: 'real' },
    ];
    const sql = texts({ groups: [{ ...group!, format: 'parquet', columns }] });
    expect(sql).toContainEqual(
      expect.stringContaining('("id" varchar(20), "price" decimal(12,3), "depth" real)'),
    );
    expect(sql).toContainEqual(
      expect.stringContaining(
        'WHERE (CASE WHEN "price" <= -100000000 OR "price" >= 100000000 THEN TRUE ELSE "price"::decimal(10,2) <> "price" END)',
      ),
    );
    expect(sql).toContainEqual(
      expect.stringContaining('SELECT "id", "price"::decimal(10,2), "depth"::float8, 0, 1'),
    );
  });

  test('leaves it to COPY to refuse Parquet columns that no cast could keep', () => {
    const [group] = LOAD.groups;
    const columns = [
      { name: 'id', column: 'id', type: 'super' },
      { name: 'price', column: 'price', type: 'varchar(65535)' },
    ];
    const sql = texts({ groups: [{ ...group!, format: 'parquet', columns }] });
    expect(sql).toContainEqual(expect.stringContaining('("id" varchar(20), "price" decimal(10,2))'));
  });
});

describe('a table of 1,580 columns', () => {
  const others = Array.from({ length: 1578 }, (_, i) =>
    column(`column_${String(i).padStart(4, '0')}`, i % 3 === 0 ? 'character varying(256)' : 'bigint'),
  );
  const target = { ...TARGET, columns: [TARGET.columns[0]!, TARGET.columns[1]!, ...others] };
  const columns = target.columns.map(({ name }) => ({ name, column: name }));
  const wide = texts({ target, groups: [{ ...LOAD.groups[0]!, columns }] });

  test('needs a session, but no statement that the Data API refuses', () => {
    expect(batches(wide, { maxStatements: 40 }).length).toBeGreaterThan(1);
  });

  test('is ranked in steps, each with part of its columns', () => {
    const steps = wide.filter((sql) => sql.startsWith('CREATE TEMP TABLE "_tributary_ranked_'));
    expect(steps).toHaveLength(7);
    for (const [, name] of others.entries())
      expect(steps.filter((sql) => sql.includes(`${JSON.stringify(name.name)} DESC`))).toHaveLength(1);
  });

  test('sets rows aside with at most 100 arguments per function', () => {
    const sql = wide.find((text) => text.includes('"row_json"'))!;
    const calls = sql.match(/OBJECT\([^()]*(?:\([^()]*\)[^()]*)*\)/g)!;
    expect(calls).toHaveLength(40);
    for (const call of calls) expect(call.split(', ').length).toBeLessThanOrEqual(100);
  });
});

test('the deletes of a loader whose mark is a number or BOOLEAN are compared as such', () => {
  const marked = (type: string, values: string[]) => {
    const target = { ...TARGET, columns: [...TARGET.columns, column('gone', type)] };
    const load = texts({
      target,
      merge: { ...RULE, deletes: { column: 'gone', values } },
      groups: [{ ...LOAD.groups[0]!, columns: [{ name: 'Gone', column: 'gone' }] }],
    });
    return /SELECT "gone", (.*), 1 FROM "_tributary_rows_1"/.exec(load.join('\n'))?.[1];
  };
  expect(marked('boolean', ['true'])).toBe('CASE WHEN ("gone") THEN 1 ELSE 0 END');
  expect(marked('boolean', ['0', 'f'])).toBe('CASE WHEN (NOT "gone") OR (NOT "gone") THEN 1 ELSE 0 END');
  expect(marked('integer', ['1', 'x'])).toBe('CASE WHEN ("gone" = 1) THEN 1 ELSE 0 END');
  expect(marked('integer', ['x'])).toBe('0');
});
