import { describe, expect, test } from '@jest/globals';
import { columnType } from '../../../../src/pipeline/merge/column-type.ts';
import { exactPattern } from '../../../../src/pipeline/merge/exact-decimal.ts';

test.each([
  ['character varying(64)', 'character', 'varchar(64)'],
  ['VARCHAR(MAX)', 'character', 'varchar(MAX)'],
  ['character(3)', 'char', 'char(3)'],
  ['numeric(10,2)', 'decimal', 'decimal(10,2)'],
  ['DECIMAL ( 10 , 2 )', 'decimal', 'decimal(10,2)'],
  ['numeric', 'decimal', 'decimal(18,0)'],
  ['integer', 'whole', 'int'],
  ['double precision', 'float', 'float8'],
  ['timestamp with time zone', 'time', 'timestamptz'],
  ['binary varying(16)', 'varbyte', 'varbyte(16)'],
  ['super', 'super', 'super'],
  ['geometry', 'opaque', 'geometry'],
  ['hllsketch', 'opaque', 'hllsketch'],
])('%s is %s', (text, kind, sql) => {
  expect(columnType(text)).toMatchObject({ kind, sql });
});

test('a text that is not a type never reaches SQL', () => {
  for (const text of ['int); DROP TABLE t; --', 'int, b int', "varchar('4')", ''])
    expect(() => columnType(text)).toThrow('not a Redshift type');
});

describe('a text is exact in', () => {
  test.each([
    [
      'decimal(10,2)',
      ['0', '1.2', '1.20000', '-12345678.99', '+.5', '5.', '00000000000001', ' 7 '],
      ['1.239', '123456789', '1e2', '1,5', '--1', '1.2.3', 'NaN'],
    ],
    ['decimal(2,2)', ['.12', '0.12', '000.120', '0'], ['1', '1.00', '.123']],
    ['decimal(3,0)', ['999', '999.', '999.000', '-1'], ['1000', '0.5']],
    ['decimal(38,37)', [`9.${'9'.repeat(37)}`], ['10', `1.${'1'.repeat(38)}`]],
  ])('%s', (type, exact, inexact) => {
    const pattern = new RegExp(exactPattern(columnType(type)));
    expect(exact.filter((text) => !pattern.test(text))).toEqual([]);
    expect(inexact.filter((text) => pattern.test(text))).toEqual([]);
  });
});
