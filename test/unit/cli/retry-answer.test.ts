import { describe, expect, it } from '@jest/globals';
import { tellAnswer } from '../../../src/cli/retry-run.ts';
import { RETRY_SEGMENT, RETRY_TABLE } from '../../../src/workflows/messages.ts';

describe('what a run answers to a retry that comes to nothing', () => {
  const counts = { waiting: 0, running: 0, external: 0, failed: 0, settled: 5, total: 5 };
  const segments = { ...counts, unfinished: [], items: 0, bytes: 0 };
  const segment = (argument: number) => ({ update: RETRY_SEGMENT, argument }) as const;

  it.each([
    ['a segment beyond the last, also when the phase is over', 'the phase has ended', segment(99)],
    ['a child that it does not know', 'tags: unknown', { update: RETRY_TABLE, argument: 'tags' } as const],
  ])('is code 2 for %s', (_what, answer, retry) => {
    expect(() => tellAnswer(answer, retry, segments, 'a')).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/^a has no /) }),
    );
  });

  it.each([
    ['the phase has ended', segment(4)],
    [
      'nothing to retry: tables are loaded later, the run is in extract',
      { update: RETRY_TABLE, argument: 'x' },
    ],
  ] as const)('is code 1 for "%s"', (answer, retry) => {
    expect(() => tellAnswer(answer, retry, segments, 'a')).toThrow(
      expect.objectContaining({ exitCode: 1, message: expect.stringContaining(`It was refused: ${answer}`) }),
    );
  });
});
