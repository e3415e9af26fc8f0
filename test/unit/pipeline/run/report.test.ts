import { describe, expect, test } from '@jest/globals';
import { PipelineDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import type { Plan } from '../../../../src/pipeline/run/plan.ts';
import { buildReport, Report, type ReportInput, RunEnd } from '../../../../src/pipeline/run/report.ts';
import {
  type CheckpointTotals,
  segmentTotals,
  workedSeconds,
} from '../../../../src/pipeline/run/segments/segment-totals.ts';
import type { LoggedTransaction } from '../../../../src/pipeline/run/statement-log.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 21) + seconds * 1000).toISOString();

const checkpoint = (number: number, attempt: string, from: number, to: number): CheckpointTotals => ({
  version: 2,
  run: 'r',
  segment: 3,
  number,
  attempt,
  pages: 2,
  items: 10,
  readUnits: 1.5,
  startedAt: at(from),
  endedAt: at(to),
  files: [{ key: 'k', etag: 'e', table: '', layout: 'l', rows: 9, bytes: 100, rawBytes: 700 }],
  odd: { key: 'o', etag: 'e', items: 1, bytes: 50 },
  rejectReasons: {},
  ...(number < 3 ? { cursor: { pk: { S: 'p' } } } : {}),
});

describe('a segment', () => {
  const three = [checkpoint(1, 'a', 0, 10), checkpoint(2, 'a', 10, 20), checkpoint(3, 'b', 60, 65)];

  test('adds up its checkpoints, and was worked on while an execution wrote some', () => {
    const totals = segmentTotals(3, three);
    expect(totals).toMatchObject({
      ended: true,
      checkpoints: 3,
      items: 30,
      odd: 3,
      files: 3,
      bytes: 300,
      rawBytes: 2100,
      readUnits: 4.5,
    });
    expect(totals.stretches).toEqual([
      { startedAt: at(0), endedAt: at(20), checkpoints: 2 },
      { startedAt: at(60), endedAt: at(65), checkpoints: 1 },
    ]);
    expect(workedSeconds(totals)).toBe(25);
  });

  test('has ended with the checkpoint that has no key to resume from', () => {
    expect(segmentTotals(3, three.slice(0, 2)).ended).toBe(false);
    expect(segmentTotals(3, [])).toMatchObject({ ended: false, items: 0, stretches: [] });
  });
});

const definition = PipelineDefinition.parse({
  source: { kind: 'dynamodb', table: 'nobel' },
  staging: { bucket: 'runs' },
  warehouse: { kind: 'redshift', workgroup: 'local', database: 'd', schema: 's', iamRole: 'default' },
});
const plan: Plan = {
  version: 1,
  pipeline: 'p',
  run: 'r',
  owner: { workflowId: 'w1', firstExecutionRunId: 'f' },
  plannedAt: at(0),
  definition,
  source: { tableName: 't', key: [{ name: 'pk', kind: 'S' }], approximateItems: 0, approximateBytes: 0 },
  segments: 4,
  layouts: [],
};
const input = (over: Partial<ReportInput> = {}): ReportInput => ({
  plan,
  manifest: undefined,
  segments: [segmentTotals(3, [checkpoint(1, 'a', 0, 10)])],
  rejectReasons: {},
  checks: [],
  logs: [],
  unreadable: [],
  end: { workflowId: 'w2', status: 'load', outcome: 'failed', seconds: 5, phases: [] },
  earlier: undefined,
  previous: undefined,
  directory: 's3://b/tributary/p/runs/r/',
  writtenAt: at(100),
  ...over,
});
const transaction = (id: string, seconds: number): LoggedTransaction => ({
  id,
  name: `tributary ${id}`,
  submittedAt: at(seconds),
  status: 'FINISHED',
  seconds: 1,
  statements: [],
});

describe('a report', () => {
  test('matches its schema', () => {
    const report = buildReport(input());
    expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test('of a run that is not sealed adds up the existing checkpoints', () => {
    expect(buildReport(input())).toMatchObject({ items: 10, bytes: 100, files: 1, rows: 0, tables: [] });
  });

  test('names each transaction once, though two executions logged it, in the order of submission', () => {
    const log = (phase: string, ...transactions: LoggedTransaction[]) =>
      ({ version: 1, run: 'r', phase, transactions }) as const;
    const { statements } = buildReport(
      input({
        logs: [
          log('load', transaction('b', 2)),
          log('load', transaction('b', 2)),
          log('plan', transaction('a', 1)),
        ],
      }),
    );
    expect(statements.map(({ id, phase }) => [id, phase])).toEqual([
      ['a', 'plan'],
      ['b', 'load'],
    ]);
  });

  test('copies the phases that this workflow skipped from the earlier report, and ends the interrupted one', () => {
    const earlier = buildReport(
      input({
        end: {
          workflowId: 'w1',
          status: 'plan',
          outcome: 'completed',
          seconds: 1,
          phases: [{ phase: 'plan', state: 'completed', startedAt: at(0), seconds: 1 }],
        },
      }),
    );
    const phases = [
      { phase: 'plan', state: 'skipped' },
      { phase: 'load', state: 'running', startedAt: at(90) },
      { phase: 'verify', state: 'not started' },
    ] as const;
    const end = RunEnd.parse({ ...input().end, phases });
    expect(buildReport(input({ earlier, end })).phases).toEqual([
      { phase: 'plan', state: 'completed', startedAt: at(0), seconds: 1, workflowId: 'w1' },
      { phase: 'load', state: 'ended', startedAt: at(90), seconds: 10 },
      { phase: 'verify', state: 'not started' },
    ]);
  });

  test('names what could not be read', () => {
    expect(buildReport(input({ unreadable: ['x/1.json', 'x/2.json'] })).notes).toEqual([
      'x/1.json and 1 more could not be read, so this report is incomplete.',
    ]);
  });

  test('of version 0.1.0 is readable: phases not reached were called waiting', () => {
    const phases = [
      { phase: 'plan', state: 'completed', startedAt: at(0), seconds: 1 },
      { phase: 'seal', state: 'waiting' },
    ];
    const written = JSON.parse(
      JSON.stringify({ ...buildReport(input()), phases, options: undefined, dictionaries: undefined }),
    );
    expect(Report.parse(written)).toMatchObject({
      phases: [
        { phase: 'plan', state: 'completed' },
        { phase: 'seal', state: 'not started' },
      ],
      options: [],
      dictionaries: [],
    });
  });

  test('can be written for an open run whose phases a workflow of version 0.1.0 lists', () => {
    const phases = [{ phase: 'load', state: 'waiting' }];
    const end = RunEnd.parse({ ...input().end, phases });
    expect(buildReport(input({ end })).phases).toEqual([{ phase: 'load', state: 'not started' }]);
  });

  test('can be written for a workflow of version 0.1.0', () => {
    const reported = { run: 'r', status: 'replaced', tables: [], items: 1, rejects: 0, seconds: 3 };
    expect(RunEnd.parse({ ...reported, phases: [], workflowId: 'w' })).toMatchObject({
      outcome: 'completed',
      status: 'replaced',
    });
  });
});
