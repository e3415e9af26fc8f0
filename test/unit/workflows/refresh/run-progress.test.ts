import { describe, expect, test } from '@jest/globals';
import { PHASES } from '../../../../src/contract/refresh.ts';
import { FanOut } from '../../../../src/workflows/fan-out/fan-out.ts';
import { RunProgress } from '../../../../src/workflows/refresh/run-progress.ts';

describe("a run's progress", () => {
  test('if a staging schema is abandoned, the load waits until the next one is prepared', () => {
    const progress = new RunProgress('nobel', PHASES);
    progress.begin('prepare', 0);
    progress.end('prepare', 1000);
    progress.load = new FanOut(['nobel'], 1, (table) => `run/load-${table}`);
    progress.begin('load', 1000);
    progress.begin('prepare', 3000);
    const given = progress.snapshot();
    expect(given.phase).toBe('prepare');
    expect(given.load).toBeUndefined();
    expect(given.phases.filter(({ state }) => state !== 'skipped').slice(3, 5)).toEqual([
      { phase: 'prepare', state: 'running', startedAt: '1970-01-01T00:00:03.000Z' },
      { phase: 'load', state: 'not started' },
    ]);
    expect(progress.ahead('load')).toBe(true);
  });

  test('phases that were not requested stay so', () => {
    const progress = new RunProgress('nobel', ['plan', 'extract']);
    progress.begin('plan', 0);
    expect(progress.snapshot().phases.at(-1)).toEqual({ phase: 'replace', state: 'skipped' });
  });
});
