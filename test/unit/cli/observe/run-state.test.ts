import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { hasReport, nextStepOf, stepLines, summaryOf } from '../../../../src/cli/observe/run-state.ts';
import { PHASES } from '../../../../src/contract/refresh.ts';
import type { PipelineDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import { RunProgress } from '../../../../src/workflows/refresh/run-progress.ts';

const plain = picocolors.createColors(false);

describe('the remedy for a run that failed', () => {
  const closed = {
    state: 'failed',
    pipeline: 'nobel',
    run: 'a',
    failureType: 'TooManyRejects',
    configFile: undefined,
    input: undefined,
  } as const;
  const commandOf = (seen: Parameters<typeof nextStepOf>[0], config?: string) =>
    stepLines(nextStepOf(seen, config), plain)[1]?.split('  ').at(-1);
  const progressIn = (phase: (typeof PHASES)[number]) => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin(phase, 0);
    return progress.snapshot();
  };

  it('is to continue from its phase, because it no longer accepts retries', () => {
    const text = 'npx tributary run nobel --run a --from verify';
    expect(commandOf({ ...closed, progress: progressIn('verify') })).toBe(text);
    expect(commandOf({ ...closed, state: 'cancelled', progress: progressIn('verify') })).toBe(text);
  });

  it('is a new run if it had no plan yet', () => {
    expect(commandOf({ ...closed, progress: progressIn('plan') })).toBe('npx tributary run nobel');
  });

  it('is the first requested phase if it ended before that', () => {
    const before = new RunProgress('nobel', ['seal', 'prepare']).snapshot();
    expect(commandOf({ ...closed, progress: before })).toBe(
      'npx tributary run nobel --run a --from seal --to prepare',
    );
  });

  it('goes no further than requested: a run that was only to be verified does not go live', () => {
    const progress = new RunProgress('nobel', ['load', 'verify']);
    progress.begin('load', 0);
    expect(commandOf({ ...closed, progress: progress.snapshot() })).toBe(
      'npx tributary run nobel --run a --from load --to verify',
    );
    const planned = new RunProgress('nobel', ['plan', 'extract']);
    planned.begin('plan', 0);
    expect(commandOf({ ...closed, progress: planned.snapshot() })).toBe(
      'npx tributary run nobel --to extract',
    );
    expect(commandOf({ ...closed, progress: undefined, input: { to: 'verify' } })).toBe(
      'npx tributary run nobel --run a --from <phase> --to verify',
    );
  });

  it('keeps the options that the run was started with', () => {
    const input = { older: true, acceptDrift: true, definition: {} as PipelineDefinition };
    const drifted = { ...closed, failureType: 'SchemaDrifted', progress: progressIn('seal'), input };
    expect(commandOf(drifted, 'other.yaml')).toBe(
      'npx tributary run nobel --run a --from seal --older --accept-drift --config other.yaml',
    );
    expect(commandOf({ ...drifted, configFile: 'sent.yaml' })).toMatch(/ --config sent\.yaml$/);
    expect(commandOf(drifted)).toMatch(/ --config <file>$/);
  });

  it('is nothing if it continues a run that never existed', () => {
    const before = new RunProgress('nobel', ['seal', 'prepare']).snapshot();
    expect(commandOf({ ...closed, failureType: 'RunNotFound', progress: before })).toBe(
      "Check the run's name.",
    );
  });

  it('accepts the drift if the run stopped for it', () => {
    expect(commandOf({ ...closed, failureType: 'SchemaDrifted', progress: progressIn('seal') })).toBe(
      'npx tributary run nobel --run a --from seal --accept-drift',
    );
  });

  it('leaves the phase open if no worker reports it', () => {
    expect(commandOf({ ...closed, progress: undefined })).toBe(
      'npx tributary run nobel --run a --from <phase>',
    );
  });

  it('is a retry for a run that waits, and nothing for one that is done', () => {
    expect(commandOf({ ...closed, state: 'waiting', progress: undefined })).toBe('npx tributary retry a');
    expect(commandOf({ ...closed, state: 'completed', progress: undefined })).toBeUndefined();
  });
});

describe('the report of a run', () => {
  const seen = { state: 'failed', run: 'a', progress: undefined } as const;
  const progressIn = (phase: (typeof PHASES)[number]) => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin(phase, 0);
    return progress.snapshot();
  };

  it('does not exist before the run is named, planned and at rest', () => {
    expect(hasReport({ ...seen, run: undefined })).toBe(false);
    expect(hasReport({ ...seen, progress: progressIn('plan') })).toBe(false);
    expect(hasReport({ ...seen, state: 'running' })).toBe(false);
  });

  it('exists once the run is planned, also if no worker says how far it got', () => {
    expect(hasReport({ ...seen, progress: progressIn('extract') })).toBe(true);
    expect(hasReport({ ...seen, state: 'completed', progress: progressIn('plan') })).toBe(true);
    expect(hasReport(seen)).toBe(true);
  });
});

describe("a run's line", () => {
  const extract = { notStarted: 0, running: 0, external: 0, failed: 1, settled: 4, total: 5 };
  const progress = {
    ...new RunProgress('nobel', PHASES).snapshot(),
    phase: 'extract',
    state: 'waiting',
    extract: { ...extract, unfinished: [], items: 0, bytes: 0 },
  } as const;

  it('shows the progress that a worker reports, not an older memo', () => {
    const open = { closedAt: undefined, summary: 'extract 1/5' };
    expect(summaryOf({ ...open, progress })).toBe('waiting for you: extract 4/5, 1 failed');
    expect(summaryOf({ ...open, progress: undefined })).toBe('extract 1/5');
  });

  it('does not say that the run waits once it has ended', () => {
    expect(summaryOf({ closedAt: new Date(), summary: undefined, progress })).toBe('extract 4/5, 1 failed');
  });
});
