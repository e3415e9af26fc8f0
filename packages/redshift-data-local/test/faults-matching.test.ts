import { describe, expect, test } from '@jest/globals';
import { FaultRequest } from '../src/faults/fault.ts';
import { FaultList } from '../src/faults/fault-list.ts';
import { RenameGap, renamedTo } from '../src/faults/rename-gap.ts';

const subject = (sqls: string[], more: object = {}) => ({
  operation: 'ExecuteStatement',
  statementName: undefined,
  sqls,
  ...more,
});
const listOf = (...faults: object[]) => {
  const list = new FaultList();
  for (const fault of faults) list.add(FaultRequest.parse(fault));
  return list;
};

describe('a fault strikes', () => {
  test.each([
    [{ sql: 'copy t' }, subject(['COPY T FROM']), true],
    [{ sql: 'copy t' }, subject(['SELECT 1', 'COPY t FROM']), true],
    [{ sql: 'copy t' }, subject(['COPY u FROM']), false],
    [{ statementName: 'load' }, subject([], { statementName: 'load' }), true],
    [{ statementName: 'load' }, subject([], { statementName: 'load-2' }), false],
    [{ operation: 'ExecuteStatement', sql: 'x' }, subject(['x']), true],
    [{ operation: 'BatchExecuteStatement', sql: 'x' }, subject(['x']), false],
  ])('only where all its matchers match: %j', (matchers, struck, strikes) => {
    expect(listOf({ kind: 'throttle', ...matchers }).strike('throttle', struck) !== undefined).toBe(strikes);
  });

  test('from the n-th match on, as often as its count', () => {
    const list = listOf({ kind: 'out-of-memory', nth: 3, count: 2 });
    const strikes = Array.from({ length: 6 }, () => list.strike('out-of-memory', subject([])) !== undefined);
    expect(strikes).toEqual([false, false, true, true, false, false]);
  });

  test('every time if the count is "always"', () => {
    const list = listOf({ kind: 'throttle', count: 'always' });
    expect(Array.from({ length: 50 }, () => list.strike('throttle', subject([]))).every(Boolean)).toBe(true);
  });

  test('by chance, in the same way for the same seed and differently for another', () => {
    const strikes = (seed: number) => {
      const list = listOf({ kind: 'throttle', count: 'always', probability: 0.3, seed });
      return Array.from({ length: 200 }, () => (list.strike('throttle', subject([])) ? 1 : 0));
    };
    expect(strikes(1)).toEqual(strikes(1));
    expect(strikes(1)).not.toEqual(strikes(2));
    const share = strikes(1).reduce<number>((sum, one) => sum + one, 0) / 200;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
  });
});

test.each([
  ['ALTER SCHEMA a RENAME TO "Live"', [{ schema: 'live' }]],
  ['alter table s.a rename to b', [{ schema: 's', table: 'b' }]],
  ['alter table a rename to b', [{ schema: 'public', table: 'b' }]],
  ['ALTER TABLE s.a RENAME COLUMN x TO y', []],
  ["SELECT 'alter schema a rename to b'", []],
])('%s renames to %j', (sql, renamed) => expect(renamedTo(sql)).toEqual(renamed));

test('a rename gap hides the new name for the requested number of reads, and nothing else', () => {
  const gap = new RenameGap();
  gap.open(['ALTER SCHEMA a RENAME TO live'], 2);
  expect(gap.missing([{ schema: 'other', name: 't' }])).toBeUndefined();
  expect(gap.missing([{ schema: 'live', name: 't' }])).toEqual({ schema: 'live', name: 't' });
  expect(gap.missing([{ schema: 'live', name: 'u' }])).toEqual({ schema: 'live', name: 'u' });
  expect(gap.missing([{ schema: 'live', name: 't' }])).toBeUndefined();
});
