import { expect, test } from '@jest/globals';
import { readConditions } from '../../../../../src/cli/datasets/partition/get-partition.ts';

test('a column is named as an option, and its value follows, whatever it begins with', () => {
  expect(
    readConditions(['--account', '42', '--amount=-1.50', '--note', '--', '--name=', '--day', String.raw`\N`]),
  ).toEqual([
    { column: 'account', text: '42' },
    { column: 'amount', text: '-1.50' },
    { column: 'note', text: '--' },
    { column: 'name', text: '' },
    { column: 'day', text: String.raw`\N` },
  ]);
  expect(() => readConditions(['--account'])).toThrow(
    /^Expected --<column> <value>, such as --account 42, not --account\.$/,
  );
  expect(() => readConditions(['42'])).toThrow(/not 42\.$/);
});
