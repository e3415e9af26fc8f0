import { expect, test } from '@jest/globals';
import type { BatchResult, IntakePlan } from '../../../../../src/pipeline/datasets/documents.ts';
import type { OpenIntake } from '../../../../../src/pipeline/datasets/intake/open-intake.ts';
import { outdatedFiles } from '../../../../../src/pipeline/datasets/intake/outdated-files.ts';

const raw = (key: string) => ({ key, etag: 'e', bytes: 1, modified: '' });

/** One batch with these files, as it was read. */
function intake(number: number, keys: readonly string[], more: Partial<BatchResult>): OpenIntake {
  const { code = 'old' } = more;
  const result: BatchResult = {
    ...{ version: 1, intake: number, batch: 0, attempt: 'a', code, missing: [], damaged: [] },
    partitions: [
      { partition: 'day=2026-11-01', file: { key: 'p', etag: 'e', bytes: 1, rows: 1 }, inputs: [] },
    ],
    ...{ records: 1, rejects: { count: 0 } },
    ...more,
  };
  const plan: IntakePlan = {
    ...{ version: 1, intake: number, attempt: 'a', plannedAt: '', code, overwritten: [] },
    batches: [{ number: 0, files: keys.map(raw) }],
  };
  return { plan, results: new Map([[0, result]]) };
}

const text = [{ name: 'id', type: 'string' }];
const number = [{ name: 'id', type: 'bigint' }];
const outdated = (...open: readonly OpenIntake[]) =>
  outdatedFiles(open, { code: 'now', columns: [{ name: 'id', type: { kind: 'string' } }] }).map(
    ({ key }) => key,
  );

test('files that an earlier module read with other types are read again', () => {
  expect(outdated(intake(1, ['a', 'b'], { columns: number }))).toEqual(['a', 'b']);
  expect(outdated(intake(1, ['a'], { columns: text }))).toEqual([]);
  // A document without columns is older than they are.
  expect(outdated(intake(1, ['a'], {}))).toEqual(['a']);
});

test('what the current module read, and what has no rows, is not', () => {
  expect(outdated(intake(1, ['a'], { code: 'now', columns: number }))).toEqual([]);
  expect(outdated(intake(1, ['a'], { columns: number, partitions: [] }))).toEqual([]);
  const parked = { code: 'TooManyRejects', error: '' };
  expect(outdated(intake(1, ['a'], { columns: number, parked }))).toEqual([]);
});

test('a later intake that has read a file decides about it, unless it could not', () => {
  const old = intake(1, ['a', 'b', 'c', 'd'], { columns: number });
  const later = { code: 'now', columns: text, missing: ['b'], damaged: ['c'] };
  expect(outdated(old, intake(2, ['a', 'b', 'c'], later))).toEqual(['b', 'c', 'd']);
});

test('a file that an intake is reading is left to it', () => {
  const { plan } = intake(2, ['a'], {});
  const open = [intake(1, ['a', 'b'], { columns: number }), { plan, results: new Map() }];
  expect(outdated(...open)).toEqual(['b']);
});

test('an intake that is being read offers nothing yet', () => {
  const { plan } = intake(1, ['a'], {});
  expect(outdated({ plan, results: new Map() })).toEqual([]);
});
