import { describe, expect, test } from '@jest/globals';
import picocolors from 'picocolors';
import { csvLines, jsonLines, tableLines } from '../../../../src/cli/query/result-lines.ts';
import {
  bareStatement,
  firstWord,
  isSeveral,
  onlyReads,
} from '../../../../src/pipeline/sql/statement-kind.ts';

const plain = picocolors.createColors(false);
const result = {
  columns: [
    { name: 'pk', type: 'varchar' },
    { name: 'n', type: 'int8' },
    { name: 'n', type: 'int8' },
  ],
  rows: [
    ['a "b", c', 12, null],
    ['', '9223372036854775807', 0],
  ],
  isWhole: true,
};

describe('a result', () => {
  test('as a table aligns numbers to the right, and counts its rows', () => {
    expect(tableLines(result, plain)).toEqual([
      'pk                          n  n',
      'a "b", c                   12',
      '          9223372036854775807  0',
      '2 rows',
    ]);
    expect(tableLines({ ...result, isWhole: false }, plain).at(-1)).toBe(
      'the first 2 rows; for more: --limit',
    );
  });

  test('as a table moves no cursor and changes no colour', () => {
    const [, line] = tableLines({ ...result, rows: [['\u001b[31mred\u202e', 1, 2]] }, plain);
    expect(line).toMatch(/^\[31mred +1 +2$/);
  });

  test('as CSV distinguishes NULL from an empty text', () => {
    expect(csvLines(result)).toEqual(['pk,n,n', '"a ""b"", c",12,', '"",9223372036854775807,0']);
  });

  test('as JSON keeps columns that have the same name', () => {
    expect(jsonLines(result)).toEqual([
      '{"pk":"a \\"b\\", c","n":12,"n_2":null}',
      '{"pk":"","n":"9223372036854775807","n_2":0}',
    ]);
  });
});

test('lists and structs are JSON within JSON, and a text that looks like one is text', () => {
  const columns = [
    { name: 'tags', type: 'varchar[]' },
    { name: 'at', type: 'struct(x double, y varchar[])' },
    { name: 'note', type: 'varchar' },
  ];
  const rows = [
    ['["",null,"x"]', '{"x":1.5,"y":null}', '[1]'],
    [null, null, null],
  ];
  expect(jsonLines({ columns, rows, isWhole: true })).toEqual([
    '{"tags":["",null,"x"],"at":{"x":1.5,"y":null},"note":"[1]"}',
    '{"tags":null,"at":null,"note":null}',
  ]);
});

describe('a statement', () => {
  test.each([
    ['select 1', true],
    ['  -- why\n /* and\n how */ (WITH x AS (SELECT 1) SELECT * FROM x)', true],
    ['show search_path', true],
    ['insert into t values (1)', false],
    ['drop schema nobel cascade', false],
    ['/* select */ delete from t', false],
    ['', false],
  ])('%j reads only: %s', (sql, reads) => {
    expect(onlyReads(sql)).toBe(reads);
  });

  test.each([
    ['select 1; drop table t', true],
    ['select \';\', ";" -- ;\n /* ; */', false],
    ["select 'it''s;'", false],
    ["select 'a'; commit", true],
  ])('%j is several: %s', (sql, several) => {
    expect(isSeveral(sql)).toBe(several);
  });

  test('is sent without the semicolons at its end', () => {
    expect(bareStatement(' select 1 ;\n; ')).toBe('select 1');
    expect(firstWord('((select')).toBe('select');
  });
});
