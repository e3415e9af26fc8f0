import { Terminal } from '../../clients/errors.ts';
import type { ControlActivities } from '../../contract/refresh-activities.ts';
import { CheckDefinition } from '../../pipeline/definition/checks.ts';
import { destinationOf } from '../../pipeline/definition/pipeline.ts';
import type { CheckResult } from '../../pipeline/run/check-result.ts';
import { checkResultKey } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { type CheckedRun, comparedTable, planCheck, UnfitCheck } from '../../pipeline/staging/check-plan.ts';
import { asSentence } from '../../pipeline/text/sentences.ts';
import { findAgreed } from '../../store/agreed-schema-file.ts';
import { JSON_FILE } from '../../store/document.ts';
import { findManifest, readManifest } from '../../store/run-files.ts';
import { unlessLive } from '../live/live-schema.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { isRedacted } from '../runtime/redaction.ts';
import { query } from '../sql/transaction.ts';
import { watchStatement } from '../sql/watch-statement.ts';

/** So many of the latest runs that went live are compared with. */
const RUNS_COMPARED = 7;

type Input = Parameters<ControlActivities['runCheck']>[0];

/**
 * Runs one check of the pipeline on staging. A definition in the worker's configuration is read again each time, so that
 * a retry applies what an operator changed.
 * @throws Terminal `CheckFailed` if it finds something, unless it only warns
 */
export async function runCheck(deps: Dependencies, input: Input): Promise<CheckResult> {
  const { ref, check: name, sent } = input;
  const { checks } =
    sent === undefined
      ? await deps.definitionOf(ref.pipeline, destinationOf(ref))
      : { checks: { [name]: sent } };
  const check = Object.hasOwn(checks, name) ? CheckDefinition.parse(checks[name]) : undefined;
  if (check === undefined)
    return { check: name, outcome: 'skipped', found: 'the configuration no longer has it' };
  return whileHeartbeating(
    () => `checking ${name}`,
    (signal) =>
      unlessLive(
        deps,
        input,
        signal,
        async () => {
          const found = await problemOf(deps, input, check, signal);
          const outcome = found === undefined ? 'passed' : check.severity === 'warn' ? 'warned' : 'failed';
          const result: CheckResult = { check: name, outcome, ...(found === undefined ? {} : { found }) };
          const key = checkResultKey(ref, name);
          await deps.store(ref.bucket).put(key, JSON.stringify(result), { signal, ...JSON_FILE });
          if (outcome !== 'failed') return result;
          throw new Terminal('CheckFailed', failureText(ref, name, found as string, sent !== undefined));
        },
        () => ({ check: name, outcome: 'skipped', found: 'the tables are live already' }),
      ),
  );
}

/** What the check finds. A check that cannot run, and only warns, warns of that. */
async function problemOf(
  deps: Dependencies,
  { ref, warehouse, stagingSchema, check: name }: Input,
  check: CheckDefinition,
  signal: AbortSignal,
): Promise<string | undefined> {
  const store = deps.store(ref.bucket);
  try {
    const manifest = await readManifest(store, ref, signal);
    const recentRows = await rowsBefore(deps, ref, comparedTable(check), signal);
    const run: CheckedRun = {
      ...{ manifest, stagingSchema, recentRows },
      redacted: await isRedacted(deps, ref, signal),
    };
    const { settings, queries, judge } = planCheck(check, run);
    if (queries.length === 0) return judge([]);
    const database = deps.warehouse(warehouse);
    const watch = watchStatement({ database, warehouse, phase: 'verify', signal });
    const asked = { settings, queries, shownAs: 'its query' };
    return judge(await query(database, `tributary check ${name}`, asked, signal, watch));
  } catch (error) {
    if (error instanceof UnfitCheck) return error.message;
    if (!(error instanceof Terminal) || check.severity === 'stop') throw error;
    return `it could not run: ${error.message}`;
  }
}

/** The rows of a table in the latest runs that went live and still have their directory, the newest first. */
async function rowsBefore(
  deps: Dependencies,
  ref: RunRef,
  table: string | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  if (table === undefined) return [];
  const store = deps.store(ref.bucket);
  const runs = ((await findAgreed(store, ref, signal))?.runs ?? []).filter(({ run }) => run !== ref.run);
  const rows: number[] = [];
  for (const { run } of runs.toReversed()) {
    if (rows.length === RUNS_COMPARED) break;
    const manifest = await findManifest(store, { ...ref, run }, signal);
    const found = manifest?.tables.find(({ name }) => name === table);
    if (found !== undefined) rows.push(found.rows);
  }
  return rows;
}

function failureText({ pipeline, run }: RunRef, name: string, found: string, isSent: boolean): string {
  const change = isSent
    ? `The definition was sent with the run: to apply a changed check, cancel the run and continue with "tributary run ` +
      `${pipeline} --run ${run} --from verify".`
    : 'A retry reads the check from the configuration again.';
  return (
    `Check ${name} of ${pipeline} failed, so nothing is replaced: ${asSentence(found)} If the data is right, change the ` +
    `check or set severity: warn. ${change} If the data is wrong, fix the items and start a new run.`
  );
}
