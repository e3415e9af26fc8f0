import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { detailsJson, runJson, runsTable } from '../../../../src/cli/runs/list-runs.ts';

it('the reference lists every key of a run in JSON', () => {
  const run = runJson({
    workflowId: 'refresh-nobel-a',
    pipeline: 'nobel',
    run: 'a',
    state: 'failed',
    status: undefined,
    startedAt: new Date(0),
    closedAt: new Date(1),
    summary: undefined,
    failure: undefined,
    failureType: undefined,
    configFile: undefined,
    input: undefined,
    now: undefined,
    undecodable: 'no such key',
    retrying: [],
  });
  const page = readFileSync('docs/cli.md', 'utf8');
  const [, runs = ''] = /^## `tributary runs`\n([\s\S]*?)^## /m.exec(page) ?? [];
  for (const key of Object.keys({ ...run, ...detailsJson() })) expect(runs).toContain(`"${key}"`);
});

it('the list shows the phase and items of each run, and below it what failed', () => {
  const run = (workflowId: string, state: 'waiting' | 'completed') => ({
    ...{ workflowId, pipeline: 'nobel', run: workflowId, state, status: undefined, startedAt: new Date(0) },
    ...{ closedAt: new Date(1000), summary: undefined, progress: undefined, result: undefined },
    ...{ failure: undefined, failureType: undefined, configFile: undefined, input: undefined },
    ...{ now: undefined, undecodable: undefined, retrying: [] },
  });
  const failed = ['segment 3: S3 denies it', 'segment 4: x', 'segment 5: x', 'segment 6: x'];
  const details = new Map([
    ['a', { phase: 'extract', items: 1200, failed }],
    ['b', { phase: 'replace', items: 1680, rejects: 2, failed: [] }],
  ]);
  expect(
    runsTable([run('a', 'waiting'), run('b', 'completed')], picocolors.createColors(false), details),
  ).toEqual([
    'pipeline  run  state            phase    items  started            took',
    'nobel     a    waiting for you  extract  1,200  1970-01-01 00:00  1.0 s',
    '  segment 3: S3 denies it',
    '  segment 4: x',
    '  segment 5: x',
    '  and 1 more',
    'nobel     b    done             replace  1,680  1970-01-01 00:00  1.0 s',
    '  2 items set aside',
  ]);
});
