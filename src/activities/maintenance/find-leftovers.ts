import type { Leftover } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { backupsToDrop } from '../../pipeline/replace/backups.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { pipelineDirectory } from '../../pipeline/run/run-directory.ts';
import { parseStagingName, stagingSchemas } from '../../pipeline/staging/staging.ts';
import { findPlan } from '../../store/run-files.ts';
import { isOthers } from '../live/find-staging.ts';
import { observeLive } from '../live/live-schema.ts';
import { backupCandidates, withMarker } from '../live/schema-contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { OpenRuns } from '../temporal/open-runs.ts';

const DAY_MS = 24 * 3_600_000;

interface Found {
  readonly leftovers: readonly Leftover[];
  /** Staging schemas without an open workflow that are kept, because their runs can be continued. */
  readonly kept: readonly { readonly name: string; readonly run: string }[];
}

/**
 * Staging schemas that no run needs, backups beyond `keepBackups`, and abandoned uploads. A run needs its newest staging
 * schema while a workflow is open for it, and while it could still replace live.
 */
export async function findLeftovers(
  deps: Dependencies,
  pipeline: string,
  { staging, warehouse }: PipelineDefinition,
  signal: AbortSignal,
): Promise<Found> {
  const live = await observeLive(deps, warehouse, signal);
  const database = deps.warehouse(warehouse);
  const candidates = await backupCandidates(database, warehouse, live.schemas, signal);
  const backups =
    live.marker?.pipeline === pipeline
      ? backupsToDrop(warehouse.schema, live.marker, candidates, warehouse.keepBackups)
      : [];
  const { abandoned, kept } = await unneededStaging(deps, pipeline, { staging, warehouse }, live, signal);
  const leftovers: Leftover[] = [
    ...abandoned,
    ...backups.map(({ name, marker }) => ({
      kind: 'schema' as const,
      name,
      run: marker?.run ?? '',
      why: `a backup beyond the newest ${warehouse.keepBackups} (keepBackups)`,
    })),
  ];
  const bucket = deps.bucketMaintenance(staging.bucket);
  const prefix = `${pipelineDirectory({ prefix: staging.prefix, pipeline })}/`;
  const now = await sharedTime(deps, staging.bucket, { signal });
  for await (const { key, uploadId, startedAt } of bucket.uploads(prefix, { signal })) {
    if (startedAt.getTime() > now.getTime() - DAY_MS) continue;
    const begun = startedAt.toISOString();
    leftovers.push({
      kind: 'upload',
      key,
      uploadId,
      startedAt: begun,
      why: `started ${begun} and never completed`,
    });
  }
  return { leftovers, kept };
}

/**
 * The staging schemas for which no workflow is open: those that are abandoned, and those whose runs can be continued.
 * Only schemas of runs whose plan is in this pipeline's directory or, if the run was pruned, whose own marker names this
 * pipeline: another pipeline's schemas may have similar names.
 */
async function unneededStaging(
  deps: Dependencies,
  pipeline: string,
  { staging: { bucket, prefix }, warehouse }: Pick<PipelineDefinition, 'staging' | 'warehouse'>,
  live: LiveState,
  signal: AbortSignal,
): Promise<{ readonly abandoned: readonly Leftover[] } & Pick<Found, 'kept'>> {
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  const open = await OpenRuns.now(pipeline);
  const abandoned: Leftover[] = [];
  const kept: { name: string; run: string }[] = [];
  for (const name of live.schemas) {
    const run = parseStagingName(schema, name)?.run;
    if (run === undefined) continue;
    const { marker } = await withMarker(database, name, signal);
    if (isOthers({ pipeline }, marker)) continue;
    const plan = await findPlan(deps.store(bucket), { pipeline, run, bucket, prefix }, signal);
    if (
      plan === undefined
        ? marker === undefined || open.hasUnnamed
        : plan.definition.warehouse.schema !== schema
    )
      continue;
    if (await open.has(run, plan?.owner)) continue;
    const why = whyAbandoned(live, { pipeline, schema, name, run }, marker?.extractedFrom ?? plan?.plannedAt);
    if (plan !== undefined && why === undefined) kept.push({ name, run });
    else {
      const whose = why ?? 'whose directory is gone';
      abandoned.push({ kind: 'schema', name, run, why: `a staging schema of a run ${whose}` });
    }
  }
  return { abandoned, kept };
}

/**
 * Why a run can no longer make this staging schema live; undefined if it can.
 * @param extractedFrom when its extraction started; undefined if not known
 */
function whyAbandoned(
  { marker: live, schemas }: LiveState,
  { pipeline, schema, name, run }: Record<'pipeline' | 'schema' | 'name' | 'run', string>,
  extractedFrom: string | undefined,
): string | undefined {
  if (stagingSchemas(schema, run, schemas)[0] !== name) return 'that has a newer one';
  if (live === undefined || live.pipeline !== pipeline) return undefined;
  if (live.run === run) return 'that is live';
  const isOlder = Date.parse(extractedFrom ?? '') < Date.parse(live.extractedFrom);
  return isOlder ? `that is older than live, which holds run ${live.run}` : undefined;
}
