import { expect, test } from '@jest/globals';
import { resultProblems } from '../../../../../src/pipeline/datasets/derived/result-columns.ts';
import { columnType } from '../../../../../src/pipeline/datasets/records/column-type.ts';

const problems = (declared: string, given: string) =>
  resultProblems([{ name: 'a', type: columnType(declared) }], [{ name: 'a', type: given }]);

test.each([
  ['bigint', 'INTEGER'],
  ['bigint', 'HUGEINT'],
  ['bigint', 'UBIGINT'],
  ['decimal(18,2)', 'DECIMAL(38,2)'],
  ['decimal(18,2)', 'DECIMAL(4,1)'],
  ['decimal(18,2)', 'BIGINT'],
  ['double', 'DOUBLE'],
  ['string', 'VARCHAR'],
  ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
  ['date', '"NULL"'],
])('a %s takes %s', (declared, given) => {
  expect(problems(declared, given)).toEqual([]);
});

test.each([
  ['bigint', 'DECIMAL(18,0)'],
  ['bigint', 'DOUBLE'],
  ['decimal(18,2)', 'DECIMAL(18,3)'],
  ['decimal(18,2)', 'DOUBLE'],
  ['double', 'DECIMAL(18,2)'],
  ['double', 'FLOAT'],
  ['string', 'INTEGER'],
  ['timestamp', 'TIMESTAMP'],
  ['date', 'TIMESTAMP'],
])('a %s does not take %s without a cast', (declared, given) => {
  expect(problems(declared, given)).toEqual([
    `a: it is declared as ${declared}, and the result has ${given}: cast it in the SQL`,
  ]);
});

test('columns that are missing or not declared are named', () => {
  expect(
    resultProblems([{ name: 'a', type: columnType('bigint') }], [{ name: 'A', type: 'BIGINT' }]),
  ).toEqual([
    'a: the result has no such column',
    'A: the result has it, as BIGINT, but columns does not declare it',
  ]);
});
