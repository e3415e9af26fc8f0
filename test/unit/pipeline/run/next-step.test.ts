import { describe, expect, it } from '@jest/globals';
import { nextStep } from '../../../../src/pipeline/run/next-step.ts';

describe('what helps a run that has ended', () => {
  const PHASES = ['plan', 'extract', 'seal', 'prepare', 'load', 'verify', 'replace'];
  const endedIn = (phase: string, failureType: string) =>
    nextStep({
      pipeline: 'nobel',
      run: 'a',
      phase,
      phases: PHASES.map((each) => ({ phase: each, state: each === phase ? 'running' : 'completed' })),
      failureType,
    });

  it.each([
    ['seal', 'SegmentsNotExtracted', 'extract'],
    ['verify', 'VerificationFailed', 'prepare'],
    ['load', 'NotPrepared', 'prepare'],
    ['verify', 'NotPrepared', 'prepare'],
    ['load', 'StagingDisagrees', 'prepare'],
    ['prepare', 'RunNotSealed', 'extract'],
    ['verify', 'TooManyRejects', 'verify'],
    ['replace', 'constructor', 'replace'],
  ])('in %s with %s is to continue from %s', (phase, failureType, from) => {
    const command = `tributary run nobel --run a --from ${from}`;
    expect(endedIn(phase, failureType)).toEqual({ command, resumes: true });
  });

  it.each([
    ['plan', 'TableNotFound'],
    ['plan', 'RunNotSealed'],
    ['seal', 'CheckpointsDisjoint'],
    ['seal', 'CountsDiffer'],
    ['replace', 'OlderThanLive'],
  ])('in %s with %s is a new run', (phase, failureType) => {
    expect(endedIn(phase, failureType)).toEqual({ command: 'tributary run nobel', resumes: false });
  });

  it('is nothing if there is no such run', () => {
    expect(endedIn('seal', 'RunNotFound')).toBeUndefined();
  });
});
