import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import {
  recordedOf,
  withNamedPartitions,
  withRecorded,
} from '../../../../src/activities/datasets/derived/named-partitions.ts';
import { RecordModules } from '../../../../src/activities/datasets/record-modules.ts';
import type { GraphDataset } from '../../../../src/pipeline/datasets/graph/expectations.ts';
import type { Rule } from '../../../../src/pipeline/datasets/graph/partition-rules.ts';
import { planGraph } from '../../../../src/pipeline/datasets/graph/plan-graph.ts';

const directory = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(directory, { recursive: true }));
let count = 0;

/** A report by month that reads what a rule of its own names of `daily`. */
function graphWith(body: string): GraphDataset[] {
  const path = `./rule-${count++}.ts`;
  writeFileSync(join(directory, path), body);
  const rule: Rule = { kind: 'function', path, named: new Map() };
  const expected = { from: '2026-01', until: '2026-03' };
  return [
    { name: 'daily', kind: 'source', unit: 'day', timezone: 'UTC', inputs: [] },
    {
      ...{ name: 'report', kind: 'derived', unit: 'month', timezone: 'UTC', code: 'r1', expect: expected },
      inputs: [{ dataset: 'daily', rule, isReference: false }],
    },
  ];
}

const published = (days: readonly string[]) =>
  new Map([
    ['daily', new Map(days.map((day) => [day, { version: `of ${day}`, isWhole: true, publishedAt: '' }]))],
  ]);
const ms = Date.parse('2026-04-02T00:00:00Z');

async function planned(body: string, days: readonly string[] = []) {
  const state = published(days);
  const deps = { recordModules: new RecordModules(() => directory) };
  const datasets = await withNamedPartitions(
    deps,
    graphWith(body),
    { state, ms },
    new AbortController().signal,
  );
  const options = { ms, scope: new Set(['report']), takenSources: new Set<string>(), failed: new Map() };
  return { report: datasets[1] as GraphDataset, plan: planGraph(datasets, state, options) };
}

const MONDAYS = `
  export default function* (month: string) {
    for (let day = 1; day <= 31; day++) {
      const text = month + '-' + String(day).padStart(2, '0');
      const date = new Date(text + 'T00:00:00Z');
      if (date.getUTCDay() === 1 && date.toISOString().startsWith(text)) yield text;
    }
  }`;

test('a rule that is a function names partitions when the plan is made, which records them', async () => {
  const days = ['2026-01-05', '2026-01-06', '2026-02-02', '2026-02-09'];
  const { report, plan } = await planned(MONDAYS, days);
  expect(recordedOf(report, '2026-02')).toEqual({
    daily: ['2026-02-02', '2026-02-09', '2026-02-16', '2026-02-23'],
  });
  expect(plan.partitions.map(({ value, state }) => [value, state])).toEqual([
    ['2026-01', 'ready'],
    ['2026-02', 'ready'],
    ['2026-03', 'ready'],
  ]);
  expect(withRecorded(report, '2026-02', { daily: ['2026-02-02'] }).inputs[0]?.rule).toMatchObject({
    named: new Map([['2026-02', ['2026-02-02']]]),
  });
});

test.each([
  [
    'export default () => { throw new Error("no calendar"); };',
    /for 2026-01: Error: no calendar\n.*rule-\d+\.ts:1:/,
  ],
  ['export default () => [new Date()];', /for 2026-01: Error: .* it has no the current time/],
  ['export default (month) => [month];', /named "2026-01" for 2026-01: expected days, e\.g\. 2026-11-01/],
  ['export default () => "2026-01-01";', /it must return a list/],
  [
    'export default () => Array.from({ length: 1001 }, (_, i) => new Date(i * 864e5).toISOString().slice(0, 10));',
    /1001 partitions for 2026-01/,
  ],
  ['export const rule = 1;', /its default export is not a function/],
])('a rule that fails is a fault of its dataset: %s', async (body, message) => {
  const { plan } = await planned(body);
  expect(plan.partitions.map(({ dataset, state }) => `${dataset} ${state}`)).toEqual(
    Array.from({ length: 3 }, () => 'report failed'),
  );
  expect(plan.partitions[0]?.reason).toMatch(message);
});
