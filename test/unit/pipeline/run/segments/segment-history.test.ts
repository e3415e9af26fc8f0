import { expect, test } from '@jest/globals';
import { disjointAt } from '../../../../../src/pipeline/run/segments/segment-history.ts';

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 's' } });
const first = { number: 1, cursor: key('c') };
const second = { number: 2, startedFrom: key('c'), cursor: key('f') };
const end = { number: 3, startedFrom: key('f') };

test('checkpoints that continue where the one before stopped join, sealed or not', () => {
  expect(disjointAt([])).toBeUndefined();
  expect(disjointAt([first, second])).toBeUndefined();
  expect(disjointAt([first, second, end])).toBeUndefined();
});

test('a checkpoint that another writer cut elsewhere is reported', () => {
  const overwritten = { ...first, cursor: key('d') };
  expect(disjointAt([overwritten, second, end])).toBe(
    'checkpoint 2 did not start where checkpoint 1 stopped',
  );
});

test("checkpoints after the segment's end are reported", () => {
  const { cursor: _, ...ended } = second;
  expect(disjointAt([first, ended, end])).toBe(
    "checkpoint 2 reached the segment's end, but checkpoint 3 follows it",
  );
});

test('checkpoints of a version that recorded no start are accepted', () => {
  const { startedFrom: _, ...old } = second;
  expect(disjointAt([{ ...first, cursor: key('x') }, old])).toBeUndefined();
});
