import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { progressChanges } from '../../../../src/cli/observe/progress-lines.ts';
import { runView } from '../../../../src/cli/observe/progress-view.ts';
import { resultLines } from '../../../../src/cli/observe/run-report.ts';
import { nextStepOf, stepLines } from '../../../../src/cli/observe/run-state.ts';
import { textWidth } from '../../../../src/cli/terminal/text-table.ts';
import { progressLine } from '../../../../src/contract/progress-details.ts';
import { PHASES } from '../../../../src/contract/refresh.ts';
import { FanOut } from '../../../../src/workflows/fan-out/fan-out.ts';
import { RunProgress } from '../../../../src/workflows/refresh/run-progress.ts';

const RUN = '20261121t064617z_1f0c22';
const REASON = 'Bucket tributary refused the upload: AccessDenied. Give the worker s3:PutObject on it.';
const plain = picocolors.createColors(false);
const size = { columns: 80, maxFailures: 3, maxReasonLines: 3 };

/** A run of four segments, as the workflow itself tracks it. */
function extracting() {
  const progress = new RunProgress('nobel', PHASES);
  progress.named(RUN);
  progress.begin('plan', 0);
  progress.end('plan', 400);
  progress.begin('extract', 400);
  const fan = new FanOut(['0', '1', '2', '3'], 50, (child) => `refresh/segment-${child}`);
  progress.extract = fan;
  fan.takeStartable();
  return { progress, fan };
}

const view = (progress: RunProgress, notes: string[] = [], ended?: 'failed' | 'cancelled', nowMs = 3400) => {
  const now = progress.snapshot();
  const known = {
    pipeline: 'nobel',
    run: RUN,
    failureType: undefined,
    configFile: undefined,
    input: undefined,
  };
  const step = stepLines(
    nextStepOf({ ...known, state: ended ?? now.state, progress: now }, undefined),
    plain,
  );
  const title = `nobel  ${RUN}`;
  return runView(
    { title, state: ended ?? 'running 3 s', progress: now, notes, ended, step },
    plain,
    size,
    nowMs,
  );
};

describe('a phase that is running', () => {
  it('shows items, rates, the remaining time and what the segments do, within the width', () => {
    const { progress } = extracting();
    progress.knownItems = 20_000;
    progress.saw({
      ...{ at: '2026-11-29T08:00:23.000Z', working: 2, waitingForSlot: 2, waitingForRate: 0, delayed: 0 },
      ...{ items: 10_000, bytes: 5_000_000, readUnits: 250, itemsPerSecond: 400, readUnitsPerSecond: 50 },
      ...{ delays: [], moreDelays: 0 },
    });
    const lines = view(progress);
    const at = lines.findIndex((line) => line.includes('extract'));
    expect(lines.slice(at, at + 4)).toEqual([
      expect.stringMatching(/▸ extract +3\.0 s {2}█{8}░{8} 0 of 4 segments$/),
      '      10,000 of about 20,000 items (50%), 400 items/s, 50 read units/s, about',
      '      25 s left, 5.0 MB written',
      '      2 segments working, 2 waiting for a slot',
    ]);
  });
});

describe('plain lines', () => {
  it('report each change once', () => {
    const { progress, fan } = extracting();
    const first = progress.snapshot();
    expect(progressChanges(undefined, first, RUN)).toEqual([
      'plan     done in 0.4 s',
      'extract  0 of 4 segments',
    ]);
    expect(progressChanges(first, progress.snapshot(), RUN)).toEqual([]);
    for (const child of ['0', '1', '2', '3']) fan.settled(child, { items: 420, bytes: 100_000 });
    progress.end('extract', 2400);
    expect(progressChanges(first, progress.snapshot(), RUN)).toEqual([
      'extract  done in 2.0 s: 4 segments, 1,680 items, 400 KB',
    ]);
  });

  it('report a failure with its reason and the command that helps, and that the run waits', () => {
    const { progress, fan } = extracting();
    const before = progress.snapshot();
    for (const child of ['0', '1', '3']) fan.settled(child, { items: 1, bytes: 1 });
    fan.failed('2', REASON);
    expect(progressChanges(before, progress.snapshot(), RUN)).toEqual([
      `segment 2 failed: ${REASON}`,
      `  Fix the cause, then run: \`npx tributary retry ${RUN} --segment 2\``,
      'the run is waiting for you: everything else is done',
    ]);
  });

  it('report a segment that was started by hand, once, by its workflow id', () => {
    const { progress, fan } = extracting();
    const before = progress.snapshot();
    fan.external('2');
    expect(progressChanges(before, progress.snapshot(), RUN)).toEqual([
      'segment 2 is in progress in a workflow that is not a child of this run: refresh/segment-2',
    ]);
    expect(progressChanges(progress.snapshot(), progress.snapshot(), RUN)).toEqual([]);
    expect(progressLine(progress.snapshot())).toBe('extract 0/4, 1 external');
  });

  it('leave out the phases that were not requested', () => {
    const progress = new RunProgress('nobel', ['verify', 'replace']);
    expect(progressChanges(undefined, progress.snapshot(), RUN)).toEqual([]);
  });
});

describe('the view on a terminal', () => {
  it('shows phases with their times and the segments as a bar', () => {
    const { progress, fan } = extracting();
    fan.settled('0', { items: 420, bytes: 100_000 });
    expect(view(progress)).toEqual([
      `nobel  ${RUN}${' '.repeat(38)}running 3 s`,
      '',
      '  ✓ plan             0.4 s',
      '  ▸ extract          3.0 s  ████░░░░░░░░░░░░ 1 of 4 segments, 420 items, 100 KB',
      '  · seal       not started',
      '  · prepare    not started',
      '  · load       not started',
      '  · verify     not started',
      '  · replace    not started',
    ]);
  });

  it('shows for a run from load to verify that the earlier phases are done and the last was not requested', () => {
    const progress = new RunProgress('nobel', ['load', 'verify']);
    progress.begin('load', 400);
    expect(view(progress).slice(2)).toEqual([
      '  - plan       done before',
      '  - extract    done before',
      '  - seal       done before',
      '  - prepare    done before',
      '  ▸ load             3.0 s',
      '  · verify     not started',
      '  - replace  not requested',
    ]);
  });

  it('does not suggest a retry of a run that has ended, because it accepts none', () => {
    const { progress, fan } = extracting();
    fan.failed('2', REASON);
    const shown = (ended?: 'cancelled') => view(progress, [], ended).join('\n');
    expect(shown()).toContain(`npx tributary retry ${RUN} --segment 2`);
    expect(shown('cancelled')).toContain('segment 2 failed');
    expect(shown('cancelled')).not.toContain('tributary retry');
  });

  it('shows in which phase a run failed, and which phases it did not reach', () => {
    const { progress, fan } = extracting();
    fan.settled('0', { items: 420, bytes: 100_000 });
    const lines = view(progress, [], 'failed', 9_999_999);
    expect(lines.slice(4, 7)).toEqual([
      '  ✓ plan             0.4 s',
      '  ✗ extract         failed  1 of 4 segments, 420 items, 100 KB',
      '  · seal       not started',
    ]);
  });

  it('fits 80 columns and 24 lines with many failures and a note', () => {
    const { progress, fan } = extracting();
    for (const child of ['0', '1', '2', '3']) fan.failed(child, REASON.repeat(5));
    const lines = view(progress, [
      'No worker is polling the task queue tributary, so nothing makes progress.',
    ]);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
    expect(lines).toContain('  ✗ and 1 more');
    expect(lines).toContain(`  Fix the cause, then run:  npx tributary retry ${RUN}`);
  });

  it('shows the segments that the run does not await, while it runs', () => {
    const { progress, fan } = extracting();
    for (const child of ['0', '1', '2', '3']) fan.external(child);
    const lines = view(progress);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
    expect(lines.slice(-8)).toEqual([
      '',
      '  4 segments in progress in workflows that were started by hand, or by this run',
      '  before its reset. The run waits for their signals, and regularly checks that',
      '  they are still running.',
      '    refresh/segment-0',
      '    refresh/segment-1',
      '    refresh/segment-2',
      '    and 1 more',
    ]);
  });

  it('names the one that failed in the command', () => {
    const { progress, fan } = extracting();
    fan.failed('2', REASON);
    expect(view(progress)).toContain(`  Fix the cause, then run:  npx tributary retry ${RUN} --segment 2`);
  });

  it('names what looks like a dictionary, with the setting on one line of its own', () => {
    const { progress } = extracting();
    progress.dictionaries = [{ path: 'members', names: 1000, tables: 1000 }];
    const setting = '    mapping: { columns: { "members": { asRows: true } } }';
    const lines = view(progress);
    expect(lines.join(' ')).toContain('members (1000 different names, 1000 tables) looks like a dictionary.');
    expect(lines).toContain(setting);
    const failure = `Too many tables.\nSet ${setting.trim()}`;
    const snapshot = progress.snapshot();
    const of = { title: 'nobel', state: 'failed', progress: snapshot, notes: [], step: [], failure };
    const named = runView(of, plain, { columns: 100, maxFailures: 3, maxReasonLines: 10 }, 0);
    expect(named.filter((line) => line.includes('asRows'))).toEqual([`    Set ${setting.trim()}`]);
    progress.finish('replaced');
    // The result has the same lines.
    expect(view(progress)).not.toContain(setting);
    const result = { run: RUN, status: 'replaced', tables: [], items: 1, rejects: 0, seconds: 1 } as const;
    expect(resultLines('nobel', { ...result, dictionaries: progress.dictionaries }, plain)).toContain(
      setting,
    );
  });
});
