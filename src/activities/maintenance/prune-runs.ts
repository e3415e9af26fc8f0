import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { DeletedRun, PruneRunsInput, PruneRunsResult } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { planPruning, type RunFacts, refersTo, timeInName } from '../../pipeline/run/prune-plan.ts';
import {
  manifestKey,
  pipelineDirectory,
  planKey,
  reportKey,
  runDirectory,
  runsDirectory,
} from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { observeLive } from '../live/live-schema.ts';
import { backupCandidates } from '../live/schema-contents.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { OpenRuns } from '../temporal/open-runs.ts';

const READ_AT_ONCE = 16;
const KEYS_PER_DELETE = 1_000;
const HOUR_MS = 3_600_000;
/** The most kept runs that the result lists: it stays in Temporal's history. */
const KEPT_TOLD = 200;

/**
 * Deletes the directories of a destination's runs beyond the newest successful ones. If Temporal, the warehouse or a file cannot be
 * read, it stops before it deletes anything. A run's manifest is deleted first, so that a half-deleted run cannot be
 * loaded, and its plan last, so that the next pruning finds the rest.
 */
export async function pruneRunDirectories(
  deps: Dependencies,
  input: PruneRunsInput,
): Promise<PruneRunsResult> {
  const definition = await definitionFor(deps, input);
  const { staging } = definition;
  const at = { pipeline: input.pipeline, bucket: staging.bucket, prefix: staging.prefix };
  const store = deps.store(staging.bucket);
  const keep = input.keep ?? staging.keepRuns;
  const dryRun = input.dryRun ?? false;
  if (!Number.isInteger(keep) || keep < 1)
    throw new Terminal(
      'BadInput',
      `keep must be a whole number of at least 1; it is ${JSON.stringify(keep)}.`,
    );
  const record = ActivityRecord.current();
  let doing = 'reading the runs';
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const facts = await gatherFacts(deps, store, at, definition, signal);
      const plan = planPruning(facts, keep);
      const known = new Set(facts.map(({ run }) => run));
      const deleted: DeletedRun[] = [];
      const kept = [...plan.keep];
      for (const run of plan.remove) {
        doing = `deleting run ${run}: ${counted(deleted.length, 'run')} deleted before`;
        const ref = { ...at, run };
        // It may have been resumed since the facts were gathered.
        const open = await OpenRuns.now(at.pipeline);
        if (await open.has(run, await ownerOf(store, ref, signal))) {
          kept.push({ run, why: 'a workflow is open for it' });
          continue;
        }
        const referring = await newlyReferring(store, at, known, run, signal);
        if (referring !== undefined) {
          kept.push({ run, why: `run ${referring} refers to it` });
          continue;
        }
        deleted.push({ run, ...(await deleteRun(store, ref, dryRun, signal)) });
        record.advance();
      }
      doing = 'looking for unfinished uploads';
      const now = await sharedTime(deps, at.bucket, { signal });
      const olderThanMs = now.getTime() - (input.uploadHours ?? 24) * HOUR_MS;
      const uploads = await abortUploads(deps, at, olderThanMs, dryRun, signal);
      const bytes = deleted.reduce((sum, each) => sum + each.bytes, 0);
      return { pipeline: at.pipeline, dryRun, deleted, kept: kept.slice(0, KEPT_TOLD), uploads, bytes };
    },
  );
}

type At = Omit<RunRef, 'run'>;

async function gatherFacts(
  deps: Dependencies,
  store: ObjectStore,
  at: At,
  { warehouse, destination }: PipelineDefinition,
  signal: AbortSignal,
): Promise<RunFacts[]> {
  const runs = await runNames(store, at, signal);
  const live = await observeLive(deps, warehouse, signal);
  const backups = await backupCandidates(deps.warehouse(warehouse), warehouse, live.schemas, signal);
  const inWarehouse = new Set(
    [live.marker, ...backups.map(({ marker }) => marker)].flatMap((marker) =>
      marker?.pipeline === at.pipeline ? [marker.run] : [],
    ),
  );
  const open = await OpenRuns.now(at.pipeline);
  const facts: RunFacts[] = [];
  await forEachLimited(runs, READ_AT_ONCE, async (run) => {
    const ref = { ...at, run };
    const [plan, manifest, report] = await Promise.all(
      [planKey(ref), manifestKey(ref), reportKey(ref)].map((key) => readAny(store, key, signal)),
    );
    const planned = PlanFacts.safeParse(plan).data;
    // Whether another destination's warehouse holds a run is not known here.
    if (planned?.definition?.destination !== destination) return;
    facts.push({
      run,
      plannedAt: planned?.plannedAt ?? timeInName(run),
      replaced: ReportFacts.safeParse(report).data?.status === 'replaced',
      inWarehouse: inWarehouse.has(run),
      open: await open.has(run, planned?.owner),
      refersTo: [...refersTo(plan), ...refersTo(manifest)],
    });
  });
  return facts;
}

async function runNames(store: ObjectStore, at: At, signal: AbortSignal): Promise<string[]> {
  const runs: string[] = [];
  for await (const { key } of store.list(runsDirectory(at), { delimiter: '/', signal })) {
    if (key.endsWith('/')) runs.push(key.slice(runsDirectory(at).length, -1));
  }
  return runs;
}

/** A finished run, planned in the meantime, that refers to this one's files. */
async function newlyReferring(
  store: ObjectStore,
  at: At,
  known: ReadonlySet<string>,
  run: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const since of await runNames(store, at, signal)) {
    if (known.has(since)) continue;
    if (refersTo(await readAny(store, planKey({ ...at, run: since }), signal)).includes(run)) return since;
  }
  return undefined;
}

/** Only the fields that pruning needs, because any version may have written the file. */
const PlanFacts = z.object({
  plannedAt: z.iso.datetime(),
  owner: z.object({ workflowId: z.string(), firstExecutionRunId: z.string() }),
  definition: z.object({ destination: z.string().optional() }).optional(),
});
const ReportFacts = z.object({ status: z.string() });

/** @throws Terminal `DamagedFile` if the file is not JSON: pruning never guesses. */
async function readAny(store: ObjectStore, key: string, signal: AbortSignal): Promise<unknown> {
  const object = await store.get(key, { signal });
  if (object === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(object.body).toString('utf8')) as unknown;
  } catch {
    throw new Terminal(
      'DamagedFile',
      `s3://${store.bucket}/${key} is not JSON, so it is unknown which files its run needs. Nothing was deleted. ` +
        'Inspect that run, and delete its directory yourself if you do not need it.',
    );
  }
}

async function ownerOf(store: ObjectStore, ref: RunRef, signal: AbortSignal) {
  return PlanFacts.safeParse(await readAny(store, planKey(ref), signal)).data?.owner;
}

async function deleteRun(
  store: ObjectStore,
  ref: RunRef,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<{ objects: number; bytes: number }> {
  const measured = { objects: 0, bytes: 0 };
  for await (const { bytes } of store.list(`${runDirectory(ref)}/`, { signal })) {
    measured.objects++;
    measured.bytes += bytes;
  }
  if (dryRun) return measured;
  await store.delete([manifestKey(ref)], { signal });
  let some: string[] = [];
  for await (const { key } of store.list(`${runDirectory(ref)}/`, { signal })) {
    if (key === planKey(ref)) continue;
    some.push(key);
    if (some.length < KEYS_PER_DELETE) continue;
    await store.delete(some, { signal });
    some = [];
  }
  await store.delete([...some, planKey(ref)], { signal });
  return measured;
}

/** Tributary does not use multipart uploads, but unfinished ones that other tools left under the prefix cost money. */
async function abortUploads(
  deps: Dependencies,
  at: At,
  olderThanMs: number,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const bucket = deps.bucketMaintenance(at.bucket);
  const keys: string[] = [];
  for await (const upload of bucket.uploads(`${pipelineDirectory(at)}/`, { signal })) {
    if (upload.startedAt.getTime() > olderThanMs) continue;
    if (!dryRun) await bucket.abort(upload, { signal });
    keys.push(upload.key);
  }
  return keys;
}
