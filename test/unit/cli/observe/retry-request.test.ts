import { describe, expect, it } from '@jest/globals';
import { checkAnswer, requested } from '../../../../src/cli/observe/retry-request.ts';
import { progressLine } from '../../../../src/contract/progress-details.ts';
import { PHASES, type Phase, RETRY_SEGMENT, RETRY_TABLE } from '../../../../src/contract/refresh.ts';
import { RunProgress } from '../../../../src/workflows/refresh/run-progress.ts';

describe('the exit code of a retry that has no effect', () => {
  const counts = { notStarted: 0, running: 0, external: 0, failed: 0, settled: 5, total: 5 };
  const segments = { ...counts, unfinished: [], items: 0, bytes: 0 };
  const segment = (argument: number) => ({ update: RETRY_SEGMENT, argument }) as const;

  it.each([
    ['a segment beyond the last, even after the phase has ended', 'the phase has ended', segment(99)],
    ['a child that it does not know', 'tags: unknown', { update: RETRY_TABLE, argument: 'tags' } as const],
  ])('is code 2 for %s', (_what, answer, retry) => {
    expect(() => checkAnswer(answer, retry, segments, 'a')).toThrow(
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
    expect(() => checkAnswer(answer, retry, segments, 'a')).toThrow(
      expect.objectContaining({
        exitCode: 1,
        message: expect.stringContaining(`The retry was refused: ${answer}`),
      }),
    );
  });
});

describe('all that failed', () => {
  const workflowId = 'refresh-nobel-a';
  const progressIn = (phase: Phase) => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin(phase, 0);
    return progress.snapshot();
  };

  it.each([
    ['load', 'extract 4/5', RETRY_TABLE],
    ['extract', undefined, RETRY_SEGMENT],
  ] as const)('is what the run says: in %s', (phase, summary, update) => {
    expect(requested({}, { workflowId, summary, progress: progressIn(phase) })).toEqual({
      update,
      argument: undefined,
    });
  });

  const fan = {
    ...{ notStarted: 0, running: 0, external: 0, failed: 1, settled: 4, total: 5 },
    unfinished: [],
  };
  const fans = { extract: { ...fan, items: 0, bytes: 0 }, load: { ...fan, items: 0, bytes: 0 } };

  it.each([
    ['load', 'waiting', RETRY_TABLE],
    ['load', 'running', RETRY_TABLE],
    ['extract', 'waiting', RETRY_SEGMENT],
  ] as const)('is what its memo says where no worker answers in time: %s, %s', (phase, state, update) => {
    const summary = progressLine({ ...progressIn(phase), state, ...fans });
    expect(requested({}, { workflowId, summary, progress: undefined })).toEqual({
      update,
      argument: undefined,
    });
  });

  it('is not guessed if nothing reports it', () => {
    const unknown = { workflowId, summary: undefined, progress: undefined };
    expect(() => requested({}, unknown)).toThrow('--segment <n>, --table <name> or --check <name>');
    expect(requested({ table: 'orders' }, unknown)).toEqual({ update: RETRY_TABLE, argument: 'orders' });
  });
});
