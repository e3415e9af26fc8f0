import type { ObjectStore } from '../clients/object-store.ts';
import { CheckResult } from '../pipeline/run/check-result.ts';
import { isComparable } from '../pipeline/run/previous-run.ts';
import { buildReport, Report, type RunEnd } from '../pipeline/run/report.ts';
import {
  checksDirectory,
  reportKey,
  runDirectory,
  segmentsDirectory,
  statementsDirectory,
} from '../pipeline/run/run-directory.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';
import { CheckpointTotals, segmentTotals } from '../pipeline/run/segments/segment-totals.ts';
import { StatementLog } from '../pipeline/run/statement-log.ts';
import { findAgreed } from './agreed-schema-file.ts';
import { forEachLimited } from './for-each-limited.ts';
import { findManifest, readPlan } from './run-files.ts';

const READ_AT_ONCE = 32;

/**
 * A run's report, from what its directory holds now. Every checkpoint is read, even if the run is sealed, because only
 * checkpoints hold the times of each segment's work. @throws Terminal `RunNotFound`.
 */
export async function gatherReport(
  store: ObjectStore,
  ref: RunRef,
  end: RunEnd,
  signal?: AbortSignal,
): Promise<Report> {
  const checkpoints: CheckpointTotals[] = [];
  const rejectReasons: Record<string, number> = Object.create(null);
  const logs: StatementLog[] = [];
  const checks: CheckResult[] = [];
  const [plan, manifest, unreadableCheckpoints, unreadableLogs, unreadableChecks, earlier] =
    await Promise.all([
      readPlan(store, ref, signal),
      findManifest(store, ref, signal),
      readAll(store, segmentsDirectory(ref), CheckpointTotals, signal, (checkpoint) => {
        checkpoints.push(checkpoint);
        for (const [reason, items] of Object.entries(checkpoint.rejectReasons)) {
          rejectReasons[reason] = (rejectReasons[reason] ?? 0) + items;
        }
      }),
      readAll(store, statementsDirectory(ref), StatementLog, signal, (log) => logs.push(log)),
      readAll(store, checksDirectory(ref), CheckResult, signal, (check) => checks.push(check)),
      findReport(store, ref, signal),
    ]);
  const ofDestination = { ...ref, destination: plan.definition.destination };
  const previous = await findPreviousReport(store, ofDestination, plan.plannedAt, signal);
  const bySegment = Map.groupBy(checkpoints, ({ segment }) => segment);
  return buildReport({
    plan,
    manifest,
    segments: Array.from({ length: plan.segments }, (_, segment) =>
      segmentTotals(
        segment,
        (bySegment.get(segment) ?? []).toSorted((a, b) => a.number - b.number),
      ),
    ),
    rejectReasons,
    checks,
    logs,
    unreadable: [...unreadableCheckpoints, ...unreadableLogs, ...unreadableChecks],
    end,
    earlier,
    previous,
    directory: `s3://${ref.bucket}/${runDirectory(ref)}/`,
    writtenAt: new Date().toISOString(),
  });
}

/** Runs that were never completed, or were pruned, are passed over, but not all of them. */
const MOST_PASSED_OVER = 5;

/**
 * The report of the last completed run that was planned before. The agreed schema lists the sealed runs in order. A
 * comparison is not worth a failure, so what cannot be read counts as absent.
 */
async function findPreviousReport(
  store: ObjectStore,
  ref: RunRef,
  plannedAt: string,
  signal?: AbortSignal,
): Promise<Report | undefined> {
  const agreed = await findAgreed(store, ref, signal).catch(() => undefined);
  const before = (agreed?.runs ?? [])
    .filter(({ run, at }) => run !== ref.run && Date.parse(at) < Date.parse(plannedAt))
    .toReversed()
    .slice(0, MOST_PASSED_OVER);
  for (const { run } of before) {
    const report = await findReport(store, { ...ref, run }, signal);
    if (report !== undefined && isComparable(report)) return report;
  }
  return undefined;
}

/** Undefined if there is none, or if an earlier version wrote it. */
export async function findReport(
  store: ObjectStore,
  ref: RunRef,
  signal?: AbortSignal,
): Promise<Report | undefined> {
  const object = await store.get(reportKey(ref), { signal });
  if (object === undefined) return undefined;
  return Report.safeParse(parse(object.body)).data;
}

/** Reads what it can: an incomplete report is better than none. @returns the keys of unreadable objects, which the report names. */
async function readAll<T>(
  store: ObjectStore,
  directory: string,
  schema: { safeParse(value: unknown): { readonly data?: T | undefined } },
  signal: AbortSignal | undefined,
  take: (value: T) => unknown,
): Promise<string[]> {
  const unreadable: string[] = [];
  const keys: string[] = [];
  for await (const { key } of store.list(directory, { signal })) keys.push(key);
  await forEachLimited(keys, READ_AT_ONCE, async (key) => {
    const object = await store.get(key, { signal });
    const value = object === undefined ? undefined : schema.safeParse(parse(object.body)).data;
    if (value === undefined) unreadable.push(key);
    else take(value);
  });
  return unreadable;
}

/** The report takes only counts, times and texts from it, so plain numbers are exact enough. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
