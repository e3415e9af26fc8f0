import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { runJson } from '../../../../src/cli/runs/list-runs.ts';

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
  for (const key of Object.keys(run)) expect(runs).toContain(`"${key}"`);
});
