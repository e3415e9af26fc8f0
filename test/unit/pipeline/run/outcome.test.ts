import { describe, expect, it } from '@jest/globals';
import { FAILURE_CODES } from '../../../../src/pipeline/failure/failure-codes.ts';
import {
  type FailedPart,
  leadOf,
  nextStep,
  nextStepText,
  outcomeOf,
  type RunSituation,
} from '../../../../src/pipeline/run/outcome.ts';

const PHASES = ['plan', 'extract', 'seal', 'prepare', 'load', 'verify', 'replace'];

const situation = (phase: string, more: Partial<RunSituation> = {}): RunSituation => ({
  pipeline: 'nobel',
  run: 'a',
  state: 'failed',
  phase,
  phases: PHASES.map((each) => ({ phase: each, state: each === phase ? 'running' : 'completed' })),
  ...more,
});
const endedIn = (phase: string, failureType: string) => nextStep(situation(phase, { failureType }));

describe("a run's state", () => {
  it.each([
    ['running', undefined, 'running'],
    ['waiting', 'load', 'waiting for you'],
    ['completed', 'replaced', 'replaced'],
    ['completed', 'extract', 'done up to extract'],
    ['completed', undefined, 'done'],
    ['timed out', 'load', 'timed out'],
  ] as const)('%s with status %s is "%s"', (state, status, word) => {
    expect(outcomeOf(state, status).word).toBe(word);
  });
});

describe('what helps a run that has failed', () => {
  it.each([
    ['seal', 'SegmentsNotExtracted', 'extract'],
    ['verify', 'VerificationFailed', 'prepare'],
    ['load', 'NotPrepared', 'prepare'],
    ['verify', 'NotPrepared', 'prepare'],
    ['load', 'StagingDisagrees', 'prepare'],
    ['prepare', 'RunNotSealed', 'extract'],
    ['verify', 'TooManyRejects', 'verify'],
    ['seal', 'TypeTooNarrow', 'seal'],
    ['replace', 'constructor', 'replace'],
  ])('in %s with %s is to continue from %s', (phase, failureType, from) => {
    const commands = [`tributary run nobel --run a --from ${from}`];
    expect(endedIn(phase, failureType)).toMatchObject({ commands, resumes: true });
  });

  it.each([
    ['plan', 'TableNotFound'],
    ['plan', 'RunNotSealed'],
    ['seal', 'CheckpointsDisjoint'],
    ['seal', 'CountsDiffer'],
    ['plan', 'TypeTooNarrow'],
    ['replace', 'OlderThanLive'],
  ])('in %s with %s is a new run', (phase, failureType) => {
    expect(endedIn(phase, failureType)).toMatchObject({ commands: ['tributary run nobel'], resumes: false });
  });

  it('is no command if there is no such run', () => {
    expect(endedIn('seal', 'RunNotFound')?.commands).toEqual([]);
    expect(endedIn('extract', 'NothingSetAside')).toBeUndefined();
  });

  it('is to start it again if its input is wrong, as it was started', () => {
    const step = nextStep({
      ...situation('plan', { failureType: 'BadInput' }),
      pipeline: undefined,
      run: undefined,
    });
    expect(step && nextStepText(step)).toBe('Start it again with a corrected input.');
    expect(endedIn('load', 'BadInput')?.commands).toEqual([]);
  });

  it('is to start it again if it never named its pipeline', () => {
    const unnamed = situation('plan', {
      state: 'cancelled',
      pipeline: undefined,
      run: undefined,
      phases: [],
    });
    const step = nextStep(unnamed);
    expect(step && nextStepText(step)).toBe('Start it again.');
    expect(nextStep({ ...unnamed, pipeline: 'nobel', phase: undefined })?.commands).toEqual([
      'tributary run nobel',
    ]);
  });

  // An operator must not read "start a new run" in one place and "retry" in another.
  const codes = Object.entries(FAILURE_CODES).filter(([code]) => code !== 'NoBackup');
  it.each(
    codes.flatMap(([code, { help }]) => {
      const from = /^[^;]*?`--from (\w+)`/.exec(help)?.[1];
      return from === undefined ? [] : [[code, from]];
    }),
  )('with %s is from %s, as its row in the table of failure codes says', (code, from) => {
    expect(endedIn('replace', code as string)?.commands[0]).toMatch(`--from ${from}`);
  });

  it.each(
    codes.flatMap(([code, { help }]) =>
      /(?:^|^cancel the run, then |and )start a new run/.test(help) ? [[code]] : [],
    ),
  )('with %s is a new run, as its row in the table of failure codes says', (code) => {
    expect(endedIn('replace', code as string)?.resumes).toBe(false);
  });
});

describe('what helps a run that waits', () => {
  const waiting = (...failed: FailedPart[]) => nextStep(situation('load', { state: 'waiting', failed }));
  const table = (child: string, code?: string): FailedPart => ({ kind: 'table', child, code });

  it('is to retry what failed, if that is all that failed', () => {
    const step = waiting(table('reviews', 'LoadContended'));
    expect(step && nextStepText(step)).toBe(
      'Wait until the other load has ended, then run: `tributary retry a --table reviews`',
    );
    expect(waiting(table('a'), table('b'))?.commands).toEqual(['tributary retry a']);
    expect(nextStep(situation('extract', { state: 'waiting' }))?.commands).toEqual(['tributary retry a']);
  });

  it('is to fix the one cause that all have', () => {
    expect(waiting(table('a', 'AccessDenied'), table('b', 'AccessDenied'))?.fix).toBe('Allow the action');
    expect(waiting(table('a', 'AccessDenied'), table('b', 'LoadFailed'))?.fix).toBe('Fix the causes');
  });

  it('is never a retry that must fail again', () => {
    const failed = { kind: 'segment', child: '3', code: 'TableRecreated' } as const;
    const step = nextStep(situation('extract', { state: 'waiting', failed: [failed] }));
    expect(step && nextStepText(step)).toBe(
      'To start a new run: `tributary cancel a && tributary run nobel`',
    );
    const resumed = waiting(table('reviews', 'NotPrepared'));
    expect(resumed && leadOf(resumed)).toBe('To resume it:');
    expect(resumed?.commands).toEqual(['tributary cancel a', 'tributary run nobel --run a --from prepare']);
  });
});

it.each(['cancelled', 'terminated', 'timed out'] as const)(
  'a run that was %s has nothing to fix',
  (state) => {
    expect(nextStep(situation('load', { state }))).toEqual({
      fix: undefined,
      commands: ['tributary run nobel --run a --from load'],
      resumes: true,
    });
  },
);

it.each(['running', 'completed'] as const)('a run that is %s needs nothing', (state) => {
  expect(nextStep(situation('load', { state }))).toBeUndefined();
});
