import { z } from 'zod';
import { typeSql } from '../columns/redshift-type.ts';
import { asRowsSetting, dictionaryHint, LikelyDictionary } from '../mapping/suggest/likely-dictionaries.ts';
import { Drift } from '../schema/drift.ts';
import { CheckResult } from './check-result.ts';
import type { Manifest } from './manifest.ts';
import type { RunState } from './outcome.ts';
import type { Plan } from './plan.ts';
import { asPreviousRun, PreviousRun } from './previous-run.ts';
import { SegmentTotals } from './segments/segment-totals.ts';
import { LoggedTransaction, type StatementLog } from './statement-log.ts';

const count = z.number().int().nonnegative();

/** The outcome of the workflow that wrote a report. */
const Outcome = z.enum([
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timed out',
] satisfies readonly RunState[]);

const ReportPhase = z.object({
  phase: z.string(),
  /** `ended`: running when the run failed or was cancelled. Version 0.1.0 wrote `waiting` for `not started`. */
  state: z.preprocess(
    (state) => (state === 'waiting' ? 'not started' : state),
    z.enum(['skipped', 'not started', 'running', 'completed', 'ended']),
  ),
  startedAt: z.string().optional(),
  seconds: z.number().nonnegative().optional(),
  /** The workflow that worked on it, if another one wrote the report. */
  workflowId: z.string().optional(),
});
type ReportPhase = z.infer<typeof ReportPhase>;

/** A segment or table that is not done, and why. */
const Unfinished = z.object({
  child: z.string(),
  workflowId: z.string(),
  state: z.string(),
  error: z.string().optional(),
  /** The code of its failure. */
  code: z.string().optional(),
});

/** What only the workflow knows about a run. It is passed to the activity that writes the report. */
export const RunEnd = z.object({
  workflowId: z.string(),
  /** `replaced`, or the last phase reached. If the run failed or was cancelled: the phase it was in. */
  status: z.string(),
  // A workflow of version 0.1.0 reports only what was completed.
  outcome: Outcome.default('completed'),
  seconds: z.number().nonnegative(),
  phases: z.array(ReportPhase),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
  unfinished: z.array(Unfinished).optional(),
  /** What commands that resume the run need: options that it was started with, e.g. `--older`. */
  options: z.array(z.string()).optional(),
  /** What starts the program where the run was started. */
  command: z.string().optional(),
  /** What else happened, as sentences. */
  notes: z.array(z.string()).optional(),
});
export type RunEnd = z.infer<typeof RunEnd>;

const ReportColumn = z.object({
  name: z.string(),
  /** As in the DDL. */
  type: z.string(),
  role: z.enum(['key', 'position', 'value']),
  path: z.string(),
  /** Cells that are not NULL. */
  values: count,
});

export const ReportTable = z.object({
  table: z.string(),
  path: z.string(),
  rows: count,
  bytes: count,
  rawBytes: count,
  files: count,
  layouts: count,
  columns: z.array(ReportColumn),
});
export type ReportTable = z.infer<typeof ReportTable>;

/**
 * `report.json`: the outcome of a run, and what it took. Each workflow writes it when it ends or waits, and replaces an
 * earlier one. Totals are those of the sealed run or, if it is not sealed, of the existing checkpoints.
 */
export const Report = z.object({
  version: z.literal(2),
  pipeline: z.string(),
  /** Absent for `warehouse`. */
  destination: z.string().optional(),
  run: z.string(),
  workflowId: z.string(),
  outcome: Outcome,
  status: z.string(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
  unfinished: z.array(Unfinished),
  options: z.array(z.string()).default([]),
  command: z.string().optional(),
  /** ISO 8601, UTC. */
  writtenAt: z.string(),
  /** The duration of the workflow that wrote the report. */
  seconds: z.number().nonnegative(),
  plannedAt: z.string(),
  sealedAt: z.string().optional(),
  source: z.object({ table: z.string(), segments: count }),
  warehouse: z.object({ database: z.string(), schema: z.string(), where: z.string() }),
  /** The address of the run directory: `s3://bucket/prefix/…`. */
  directory: z.string(),
  items: count,
  odd: count,
  rejects: count,
  /** Items that do not meet the conditions of `where`. Absent if there are none, and in reports of older versions. */
  filtered: count.optional(),
  rejectReasons: z.record(z.string(), count),
  rows: count,
  /** Size of the part files in S3. */
  bytes: count,
  /** Size of the part files before compression. */
  rawBytes: count,
  /** Number of part files. */
  files: count,
  readUnits: z.number().nonnegative(),
  phases: z.array(ReportPhase),
  segments: z.array(SegmentTotals),
  /** Empty until the run is sealed, because tables have no names before. */
  tables: z.array(ReportTable),
  drift: Drift.optional(),
  /** The pipeline's checks, by name. Absent in reports of older versions. */
  checks: z.array(CheckResult).default([]),
  notes: z.array(z.string()),
  /** Maps that look like dictionaries; before the seal, those of the plan's sample. */
  dictionaries: z.array(LikelyDictionary).default([]),
  /** In order of submission, each id once. */
  statements: z.array(LoggedTransaction.extend({ phase: z.string() })),
  /** The run before, if it was completed and has a report. Absent in reports of older versions. */
  previous: PreviousRun.optional(),
});
export type Report = z.infer<typeof Report>;

export interface ReportInput {
  readonly plan: Plan;
  /** Undefined if the run is not sealed. */
  readonly manifest: Manifest | undefined;
  /** Every segment of the plan. */
  readonly segments: readonly SegmentTotals[];
  /** Summed over all checkpoints. */
  readonly rejectReasons: Readonly<Record<string, number>>;
  /** The results of the latest checks, in any order. */
  readonly checks: readonly CheckResult[];
  readonly logs: readonly StatementLog[];
  /** Keys of checkpoints and logs that are damaged. */
  readonly unreadable: readonly string[];
  readonly end: RunEnd;
  /** The existing report, which knows the phases that another workflow worked on. */
  readonly earlier: Report | undefined;
  /** The report of the run before. */
  readonly previous: Report | undefined;
  readonly directory: string;
  readonly writtenAt: string;
}

export function buildReport(input: ReportInput): Report {
  const { plan, manifest, segments, end, writtenAt } = input;
  const { warehouse } = plan.definition;
  const dictionaries = manifest?.dictionaries ?? plan.dictionaries ?? [];
  const hint = dictionaryHint(dictionaries);
  const tables = (manifest?.tables ?? []).map(reportTable);
  const total = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((sum, one) => sum + of(one), 0);
  const written = manifest === undefined ? segments : tables;
  const filtered =
    manifest === undefined ? total(segments, (segment) => segment.filtered ?? 0) : (manifest.filtered ?? 0);
  return {
    version: 2,
    pipeline: plan.pipeline,
    ...(plan.definition.destination === undefined ? {} : { destination: plan.definition.destination }),
    run: plan.run,
    workflowId: end.workflowId,
    outcome: end.outcome,
    status: end.status,
    ...(end.error === undefined ? {} : { error: end.error }),
    unfinished: end.unfinished ?? [],
    options: end.options ?? [],
    ...(end.command === undefined ? {} : { command: end.command }),
    writtenAt,
    seconds: end.seconds,
    plannedAt: plan.plannedAt,
    ...(manifest === undefined ? {} : { sealedAt: manifest.sealedAt }),
    source: { table: plan.source.tableName, segments: plan.segments },
    warehouse: {
      database: warehouse.database,
      schema: warehouse.schema,
      where: warehouse.workgroup ?? warehouse.cluster ?? '',
    },
    directory: input.directory,
    items: manifest?.items ?? total(segments, ({ items }) => items),
    odd: manifest?.odd ?? total(segments, ({ odd }) => odd),
    rejects: manifest?.rejects ?? total(segments, ({ rejects }) => rejects),
    ...(filtered === 0 ? {} : { filtered }),
    rejectReasons: manifest?.rejectReasons ?? { ...input.rejectReasons },
    rows: total(tables, ({ rows }) => rows),
    bytes: total<{ bytes: number }>(written, ({ bytes }) => bytes),
    rawBytes: total<{ rawBytes: number }>(written, ({ rawBytes }) => rawBytes),
    files: total<{ files: number }>(written, ({ files }) => files),
    readUnits: total(segments, ({ readUnits }) => readUnits),
    phases: phasesOf(end, input.earlier, writtenAt),
    segments: [...segments],
    tables,
    ...(manifest === undefined ? {} : { drift: manifest.drift }),
    checks: input.checks.toSorted((a, b) => (a.check < b.check ? -1 : 1)),
    notes: [
      ...(hint === undefined ? [] : [`${hint} ${asRowsSetting(dictionaries)}`]),
      ...(end.notes ?? []),
      ...(manifest?.notes ?? []),
      ...unreadableNote(input.unreadable),
    ],
    dictionaries,
    statements: statementsOf(input.logs),
    ...(input.previous === undefined ? {} : { previous: asPreviousRun(input.previous) }),
  };
}

function reportTable({ path, name, rows, columns, layouts, files }: Manifest['tables'][number]): ReportTable {
  return {
    table: name,
    path,
    rows,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    rawBytes: files.reduce((sum, file) => sum + file.rawBytes, 0),
    files: files.length,
    layouts: Object.keys(layouts).length,
    columns: columns.map((column) => ({
      name: column.name,
      type: typeSql(column.type),
      role: column.role,
      path: column.path,
      values: column.values,
    })),
  };
}

function unreadableNote(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > 1 ? ` and ${keys.length - 1} more` : '';
  return [`${keys[0]}${more} could not be read, so this report is incomplete.`];
}

/** A phase that this workflow skipped is copied from the earlier report. An interrupted phase lasted until now. */
function phasesOf(end: RunEnd, earlier: Report | undefined, now: string): ReportPhase[] {
  return end.phases.map((phase) => {
    if (phase.state === 'skipped') {
      const before = earlier?.phases.find((other) => other.phase === phase.phase);
      return before?.state === 'completed'
        ? { ...before, workflowId: before.workflowId ?? (earlier as Report).workflowId }
        : phase;
    }
    if (phase.state !== 'running' || end.outcome === 'running') return phase;
    const { startedAt = now } = phase;
    const seconds = Math.max(0, Date.parse(now) - Date.parse(startedAt)) / 1000;
    return { ...phase, startedAt, seconds, state: end.outcome === 'waiting' ? 'running' : 'ended' };
  });
}

function statementsOf(logs: readonly StatementLog[]): Report['statements'] {
  const byId = new Map<string, Report['statements'][number]>();
  for (const { phase, transactions } of logs) {
    for (const transaction of transactions) {
      if (!byId.has(transaction.id)) byId.set(transaction.id, { ...transaction, phase });
    }
  }
  return [...byId.values()].sort((a, b) =>
    a.submittedAt !== b.submittedAt
      ? Date.parse(a.submittedAt) - Date.parse(b.submittedAt)
      : a.id < b.id
        ? -1
        : 1,
  );
}
