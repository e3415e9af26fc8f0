import { expect, test } from '@jest/globals';
import { pairByKey, RowCounts, type TextRow } from '../../../../src/pipeline/datasets/diff-rows.ts';

const columns = ['account', 'day', 'amount'];

function diff(before: readonly TextRow[], after: readonly TextRow[], key: readonly string[]) {
  const counts = new RowCounts();
  for (const row of before) counts.add(row, -1);
  for (const row of after) counts.add(row, 1);
  const { added, removed, changed } = pairByKey(columns, key, counts.differing());
  return { added, removed, changed };
}

test('rows are compared as often as they occur, whatever their order', () => {
  const [a, b, c] = [
    ['1', 'x', '2'],
    ['1', null, '2'],
    ['1', '', '2'],
  ] as const;
  expect(diff([a, a, b], [b, a, c], [])).toEqual({ added: [c], removed: [a], changed: [] });
  expect(diff([a, b, c, c], [c, c, b, a], ['account'])).toEqual({ added: [], removed: [], changed: [] });
});

test('with a key, a row that has another one with its key is changed', () => {
  const before = [
    ['1', 'x', '2.00'],
    ['2', 'x', '0.10'],
  ] as const;
  const after = [
    ['1', 'x', '2.01'],
    ['3', 'x', '0.10'],
  ] as const;
  expect(diff(before, after, ['account', 'day'])).toEqual({
    changed: [{ before: before[0], after: after[0] }],
    removed: [before[1]],
    added: [after[1]],
  });
});

test('a key that several rows have pairs none of them', () => {
  const before = [['1', 'x', '1']] as const;
  const after = [
    ['1', 'y', '1'],
    ['1', 'z', '1'],
  ] as const;
  expect(diff(before, after, ['account'])).toEqual({ added: after, removed: before, changed: [] });
});
