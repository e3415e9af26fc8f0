import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import type { RunObservation } from '../../../../src/cli/observe/observe-run.ts';
import {
  type EndedRun,
  exitCodeOfAll,
  type Outcome,
  summaryJson,
  summaryLines,
} from '../../../../src/cli/runs/run-all-summary.ts';
import { ExitCode } from '../../../../src/cli/terminal/exit-code.ts';

const AT = new Date('2026-01-01T00:00:00Z');

const seen = (pipeline: string, more: Partial<RunObservation>): Outcome => ({
  kind: 'seen',
  last: {
    workflowId: `refresh-${pipeline}-r`,
    pipeline,
    run: 'r',
    state: 'completed',
    status: undefined,
    startedAt: AT,
    closedAt: new Date(AT.getTime() + 5000),
    summary: undefined,
    progress: undefined,
    result: undefined,
    failure: undefined,
    failureType: undefined,
    configFile: undefined,
    input: undefined,
    now: undefined,
    undecodable: undefined,
    retrying: [],
    ...more,
  },
});
const tables = [{ table: 'a', rows: 30, bytes: 1 }];
const ended = (pipeline: string, outcome: Outcome): EndedRun => ({
  pipeline,
  run: 'r',
  outcome,
  figures: { tables, items: 20, rejects: 0 },
});
const replaced = (pipeline: string, flagged = false) => {
  const result = {
    status: 'replaced',
    seconds: 5,
    items: 20,
    rejects: 0,
    tables,
    drift: { flagged, newTables: 0, newColumns: 1, widened: 0, gone: 0 },
  };
  return ended(pipeline, seen(pipeline, { status: 'replaced', result: result as never }));
};
const failed = (pipeline: string) =>
  ended(
    pipeline,
    seen(pipeline, { state: 'failed', failure: 'The table is gone.', failureType: 'TableNotFound' }),
  );
const waiting = (pipeline: string) =>
  ended(pipeline, seen(pipeline, { state: 'waiting', closedAt: undefined }));
const refused = (pipeline: string) =>
  ended(pipeline, { kind: 'refused', why: 'Run r is already in progress.' });

const text = (...runs: EndedRun[]) =>
  summaryLines(runs, undefined, picocolors.createColors(false)).join('\n');

describe('the exit code of several runs is that of the worst', () => {
  it.each([
    [ExitCode.done, [replaced('a'), replaced('b')]],
    [ExitCode.drifted, [replaced('a'), replaced('b', true)]],
    [ExitCode.waiting, [replaced('a', true), waiting('b')]],
    [ExitCode.failed, [waiting('a'), failed('b')]],
    [ExitCode.failed, [replaced('a'), refused('b')]],
    [ExitCode.failed, [replaced('a'), ended('b', { kind: 'not started' })]],
  ])('%d', (code, runs) => {
    expect(exitCodeOfAll(runs)).toBe(code);
  });
});

describe('the summary', () => {
  it('has one line per pipeline', () => {
    expect(text(replaced('orders'), replaced('users'))).toContain(`✓ All 2 pipelines done
  pipeline  result    items  rows   time
  orders    replaced     20    30  5.0 s
  users     replaced     20    30  5.0 s`);
  });

  it('says why some did not complete, and what to do', () => {
    const shown = text(replaced('orders'), failed('users'), waiting('carts'), refused('lists'));
    expect(shown).toContain('✗ 1 of 4 pipelines done');
    expect(shown).toMatch(/✗ users failed: The table is gone\.\n.*\n {2}See more: npx tributary status r/);
    expect(shown).toContain('! carts waits for you');
    expect(shown).toContain('✗ lists: Run r is already in progress.');
  });

  it('is one line of JSON', () => {
    expect(JSON.parse(summaryJson([replaced('a'), refused('b')], ExitCode.failed))).toMatchObject({
      status: 'failed',
      runs: [
        { pipeline: 'a', run: 'r', status: 'replaced', items: 20, tables },
        { pipeline: 'b', run: null, status: 'not started', reason: 'Run r is already in progress.' },
      ],
    });
  });
});
