import { describe, expect, test } from '@jest/globals';
import { replaceProblem } from '../../../../src/pipeline/merge/replace.ts';
import type { MergeRule, TargetColumn } from '../../../../src/pipeline/merge/target.ts';
import { targetProblems } from '../../../../src/pipeline/merge/target-problems.ts';
import { foundTarget } from '../../../../src/pipeline/merge/target-query.ts';
import { tombstonesProblem } from '../../../../src/pipeline/merge/tombstones.ts';
import { column, RULE, TARGET } from './example.ts';

const problems = (columns: TargetColumn[], rule: MergeRule | undefined = RULE) =>
  targetProblems({ ...TARGET, columns: [...TARGET.columns, ...columns] }, rule);

describe('a target', () => {
  test('that fits has no problems', () => {
    expect(problems([])).toEqual({ refusals: [], warnings: [] });
  });

  test.each([
    [
      'a FLOAT in the key',
      [column('k', 'double precision')],
      { ...RULE, key: ['k'] },
      /do not compare exactly/,
    ],
    [
      'a CHAR in the key',
      [column('k', 'character(8)')],
      { ...RULE, key: ['k'] },
      /CHAR does not keep blanks/,
    ],
    ['a SUPER in the key', [column('k', 'super')], { ...RULE, key: ['k'] }, /cannot be compared/],
    [
      'a key that compares without case',
      [column('k', 'character varying(8)', { isCaseInsensitive: true })],
      { ...RULE, key: ['k'] },
      /CASE_INSENSITIVE/,
    ],
    ['no key column', [], { ...RULE, key: ['absent'] }, /no column absent, which is in merge.key/],
    ['no newest column', [], { ...RULE, newest: 'absent' }, /no column absent, which is merge.newest/],
    ['a SUPER for newest', [], { ...RULE, newest: 'notes' }, /no useful order/],
    ['newest in its key', [], { ...RULE, key: ['id', 'updated'] }, /in merge.key and merge.newest/],
    ['a column without an order', [column('where', 'geometry')], RULE, /rows can only be appended/],
    ['an IDENTITY column', [column('n', 'bigint', { isIdentity: true })], RULE, /with other numbers/],
    ['a mark that is a date', [column('op', 'date')], RULE, /cannot mark deletes/],
    ['a column that a merge has itself', [column('_tributary_read', 'int')], RULE, /needs for itself/],
    [
      'a key that tombstones have themselves',
      [column('_tributary_recorded_at', 'bigint')],
      { ...RULE, key: ['_tributary_recorded_at'] },
      /needs for itself/,
    ],
  ])('with %s is refused for a merge', (_, columns, rule, message) => {
    const { refusals } = problems(columns, rule);
    expect(refusals).toEqual([expect.stringMatching(message)]);
  });

  test('may have other columns that begin as ours do', () => {
    expect(problems([column('_tributary_x', 'int'), column('_tributary_run', 'int')]).refusals).toEqual([]);
  });

  test('may have most of these if rows are appended', () => {
    const columns = [
      column('where', 'geometry'),
      column('n', 'bigint', { isIdentity: true }),
      column('_tributary_read', 'int'),
    ];
    expect(targetProblems({ ...TARGET, columns })).toEqual({ refusals: [], warnings: [] });
  });

  test('is warned about if newest is text', () => {
    const { refusals, warnings } = problems([column('at', 'character varying(30)')], {
      ...RULE,
      newest: 'at',
    });
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("'9' is newer than '10'")]);
  });

  test('is read from the catalogue', () => {
    const rows = [
      { name: 'b', type: 'bigint' },
      { name: 'a', type: 'bigint' },
      { name: 'c', type: 'bigint' },
      { name: 'd', type: 'character varying(8)' },
    ].map((row, i) => ({
      ...row,
      position: [2, 1, 3, 5][i]!,
      table_id: 4711,
      default: null,
      collation: null,
    }));
    const fact = { table_id: null, type: null, position: 2, default: null, collation: null };
    expect(
      foundTarget('s', 't', [
        { ...fact, name: 'b', default: '"identity"(4711, 1, \'0,1\'::text)' },
        ...rows,
        { ...fact, name: 'c', default: '"default_identity"(4711, 1, \'0,1\'::text)' },
        { ...fact, name: 'd', collation: 'case_insensitive' },
      ]),
    ).toEqual({
      schema: 's',
      table: 't',
      tableId: 4711,
      columns: [
        { name: 'a', type: 'bigint' },
        { name: 'b', type: 'bigint', isIdentity: true },
        { name: 'c', type: 'bigint' },
        { name: 'd', type: 'character varying(8)', isCaseInsensitive: true },
      ],
    });
    expect(foundTarget('s', 't', [])).toBeUndefined();
  });
});

test('a replacement’s condition is one expression', () => {
  for (const condition of [`"day" = '2026-11-01'`, `day IN ('a;b', ')')`, 'a = 1 -- (', '(a = 1) OR (b = 2)'])
    expect(replaceProblem(condition)).toBeUndefined();
  for (const condition of ['', ' ', 'a = 1; DROP TABLE t', 'a = 1)', '(a = 1', 'a = 1) OR (b = 2'])
    expect(replaceProblem(condition)).toBeDefined();
});

describe('tombstones', () => {
  const found = (...columns: TargetColumn[]) => ({
    ...TARGET,
    table: '_tributary_tombstones__quakes',
    columns: [...columns, column('_tributary_recorded_at', 'timestamp without time zone')],
  });
  const updated = column('updated', 'timestamp without time zone');
  const problem = (...columns: TargetColumn[]) => tombstonesProblem(found(...columns), TARGET, RULE);

  test('fit if they have the key and newest, at least as long', () => {
    expect(problem(column('id', 'character varying(20)'), updated)).toBeUndefined();
    expect(problem(updated, column('id', 'character varying(64)'))).toBeUndefined();
  });

  test.each([
    ['a key column too few', [updated], /by updated, but merge.key and merge.newest now name id, updated/],
    ['another key', [column('key', 'bigint'), updated], /by key, updated, but .* name id, updated/],
    [
      'a key column more',
      [column('id', 'character varying(20)'), column('day', 'date'), updated],
      /Restore the earlier rule/,
    ],
    [
      'another type',
      [column('id', 'bigint'), updated],
      /is bigint, but the table’s column is now varchar\(20\)/,
    ],
    [
      'a shorter text',
      [column('id', 'character varying(10)'), updated],
      /ALTER TABLE "landing"."_tributary_tombstones__quakes" ALTER COLUMN "id" TYPE varchar\(20\)/,
    ],
  ])('with %s do not, and the problem says what to do', (_, columns, message) => {
    expect(problem(...columns)).toMatch(message);
  });
});
