import { describe, expect, test } from '@jest/globals';
import type { BatchResult, IntakePlan } from '../../../../../src/pipeline/datasets/documents.ts';
import { filesToTake, filesUnderWay } from '../../../../../src/pipeline/datasets/intake/files-to-take.ts';
import { type OpenIntake, takenOf } from '../../../../../src/pipeline/datasets/intake/open-intake.ts';

const file = (key: string, etag: string) => ({
  ...{ key, etag, bytes: 1, modified: '2026-11-01T00:00:00.000Z' },
});

/** An intake of one batch. @param partitions by partition, the files with rows there */
function intake(
  number: number,
  files: readonly ReturnType<typeof file>[],
  partitions: Readonly<Record<string, readonly string[]>>,
  more: Partial<BatchResult> & Partial<Pick<IntakePlan, 'overwritten'>> = {},
): OpenIntake {
  const about = { version: 1 as const, intake: number, attempt: 'a', code: 'c' };
  const result: BatchResult = {
    ...{ ...about, batch: 0, missing: [], damaged: [], records: 0, rejects: { count: 0 } },
    partitions: Object.entries(partitions).map(([partition, keys]) => ({
      partition,
      inputs: keys.map((key, i) => ({
        ...{ ...file(key, 'e'), intake: number, code: 'c', rows: 1, number: i },
      })),
    })),
    ...more,
  };
  const plan: IntakePlan = {
    ...{ ...about, plannedAt: '', overwritten: more.overwritten ?? [] },
    batches: [{ number: 0, files: [...files] }],
  };
  return { plan, results: new Map([[0, result]]) };
}

const taken = (key: string, etag: string, partitions: string[]) =>
  new Map([[key, { ...file(key, etag), intake: 1, partitions }]]);

describe('a file is taken', () => {
  test('unless it was taken under the same ETag', () => {
    expect(filesToTake([file('x', 'a')], taken('x', 'a', ['p']), new Map())).toEqual({
      files: [],
      overwritten: [],
    });
    expect(filesToTake([file('x', 'b')], taken('x', 'a', ['p']), new Map())).toEqual({
      files: [file('x', 'b')],
      overwritten: [{ key: 'x', partitions: ['p'] }],
    });
  });

  test('if it was overwritten while rows of its earlier version wait: it replaces those, and what they were to replace', () => {
    const open = [
      intake(2, [file('x', 'b')], { q: ['x'] }, { overwritten: [{ key: 'x', partitions: ['p'] }] }),
    ];
    const underWay = filesUnderWay(open);
    expect(filesToTake([file('x', 'b')], taken('x', 'a', ['p']), underWay).files).toEqual([]);
    expect(filesToTake([file('x', 'c')], taken('x', 'a', ['p']), underWay)).toEqual({
      files: [file('x', 'c')],
      overwritten: [{ key: 'x', partitions: ['p', 'q'] }],
    });
  });

  test('if its batch was parked, or if it was gone when it was read', () => {
    const listed = [file('x', 'a')];
    for (const more of [{ parked: { code: 'Error', error: '' } }, { missing: ['x'] }])
      expect(filesToTake(listed, new Map(), filesUnderWay([intake(1, listed, {}, more)])).files).toEqual(
        listed,
      );
  });
});

test('a file that cannot be decompressed is taken; the index keeps where its earlier version has rows', () => {
  const overwritten = [{ key: 'x', partitions: ['p'] }];
  const open = intake(2, [file('x', 'b')], {}, { damaged: ['x'], overwritten });
  expect(takenOf(open)).toEqual([{ ...file('x', 'b'), intake: 2, partitions: ['p'] }]);
  expect(filesToTake([file('x', 'b')], new Map(), filesUnderWay([open])).files).toEqual([]);
  expect(filesToTake([file('x', 'c')], new Map(), filesUnderWay([open])).overwritten).toEqual(overwritten);
});

test('a file is taken again if the index was set back for it: its earlier rows go', () => {
  const again = new Map([
    ['a', { ...file('a', '1'), intake: 1, partitions: ['p'], again: true as const }],
    ['b', { ...file('b', '1'), intake: 1, partitions: [], again: true as const }],
    ['c', { ...file('c', '1'), intake: 1, partitions: [], skipped: true as const }],
  ]);
  const listed = [file('a', '1'), file('b', '1'), file('c', '1')];
  expect(filesToTake(listed, again, new Map())).toEqual({
    files: listed.slice(0, 2),
    overwritten: [
      { key: 'a', partitions: ['p'], again: true },
      { key: 'b', partitions: [], again: true },
    ],
  });
});
