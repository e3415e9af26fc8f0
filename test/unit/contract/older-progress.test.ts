import { describe, expect, test } from '@jest/globals';
import picocolors from 'picocolors';
import { runView } from '../../../src/cli/observe/progress-view.ts';
import { currentProgress } from '../../../src/contract/older-progress.ts';
import { PHASES, type Progress } from '../../../src/contract/refresh.ts';

/** What a worker of version 0.1.0 answers for a run whose segments are being read. */
const older = {
  pipeline: 'nobel',
  run: 'first',
  phase: 'extract',
  state: 'running',
  phases: PHASES.map((phase) =>
    phase === 'plan'
      ? { phase, state: 'completed', startedAt: '2026-11-21T00:00:00.000Z', seconds: 1 }
      : phase === 'extract'
        ? { phase, state: 'running', startedAt: '2026-11-21T00:00:01.000Z' }
        : { phase, state: 'waiting' },
  ),
  extract: {
    ...{ waiting: 2, running: 1, external: 0, failed: 0, settled: 1, total: 4 },
    ...{ unfinished: [], items: 10, bytes: 1000 },
  },
} as unknown as Progress;

describe('the progress that a worker of version 0.1.0 reports', () => {
  test('calls what is not started so', () => {
    const now = currentProgress(older);
    expect(now.phases.map(({ state }) => state)).toEqual([
      'completed',
      'running',
      ...Array(5).fill('not started'),
    ]);
    expect(now.extract).toEqual({
      ...{ notStarted: 2, running: 1, external: 0, failed: 0, settled: 1, total: 4 },
      ...{ unfinished: [], items: 10, bytes: 1000 },
    });
  });

  test('is shown as that of a worker of this version', () => {
    const view = { title: 'nobel', state: 'running', notes: [], step: [] };
    const size = { columns: 80, maxFailures: 3, maxReasonLines: 3 };
    const colours = picocolors.createColors(false);
    const lines = runView(
      { ...view, progress: currentProgress(older) },
      colours,
      size,
      Date.parse('2026-11-21'),
    );
    expect(lines.filter((line) => line.includes('not started'))).toHaveLength(5);
    expect(lines.join(' ')).not.toContain('undefined');
  });

  test('of an inference is renamed, too', () => {
    const scan = { ...older.extract, waiting: 3 };
    expect(currentProgress({ pipeline: 'nobel', phase: 'scan', scan })).toMatchObject({
      scan: { notStarted: 3 },
    });
  });

  test('of this version stays as it is', () => {
    const now = currentProgress(older);
    expect(currentProgress(now)).toEqual(now);
  });
});
