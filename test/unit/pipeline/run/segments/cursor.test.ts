import { describe, expect, test } from '@jest/globals';
import { InferenceCheckpoint } from '../../../../../src/pipeline/run/inference.ts';
import { Checkpoint } from '../../../../../src/pipeline/run/segments/checkpoint.ts';
import { isSealed } from '../../../../../src/pipeline/run/segments/segment-history.ts';
import { CheckpointTotals } from '../../../../../src/pipeline/run/segments/segment-totals.ts';

const key = { id: { S: 'a' }, ['__proto__']: { S: 'b' } };
const TIME = '2026-11-21T06:20:33.000Z';

/** As version 0.1.0 wrote it. */
const first = {
  ...{ version: 1, run: 'r', segment: 0, number: 2, attempt: 'abcdefabcdef', startedFrom: key },
  ...{ pages: 1, items: 1, readUnits: 0.5, startedAt: TIME, endedAt: TIME },
  ...{ layouts: {}, files: [], rejectReasons: {}, seen: { tables: {} } },
};

describe('a checkpoint of version 1', () => {
  test('resumes from its last key', () => {
    const { version, cursor, startedFrom } = Checkpoint.parse({ ...first, lastEvaluatedKey: key });
    expect({ version, cursor, startedFrom }).toEqual({ version: 2, cursor: key, startedFrom: key });
    expect(CheckpointTotals.parse({ ...first, lastEvaluatedKey: key }).cursor).toEqual(key);
  });

  test('without a last key is the end of its segment', () => {
    expect(isSealed([Checkpoint.parse(first)])).toBe(true);
    expect(isSealed([Checkpoint.parse({ ...first, lastEvaluatedKey: key })])).toBe(false);
  });

  test('of an inference resumes from its last key', () => {
    const inferred = {
      ...{ version: 1, segment: 0, number: 1, attempt: 'abcdefabcdef', partsDone: 0, done: false },
      ...{ items: 1, rejects: 0, readUnits: 0.5, seen: { tables: {} }, examples: {} },
    };
    expect(InferenceCheckpoint.parse({ ...inferred, lastEvaluatedKey: key })).toMatchObject({
      version: 2,
      cursor: key,
    });
    expect(InferenceCheckpoint.parse(inferred).cursor).toBeUndefined();
  });
});

test('a checkpoint of a later version is refused', () => {
  expect(Checkpoint.safeParse({ ...first, version: 3 }).success).toBe(false);
});
