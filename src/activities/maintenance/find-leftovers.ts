import type { Leftover } from '../../contract/maintenance.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { backupsToDrop } from '../../pipeline/replace/backups.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import { pipelineDirectory } from '../../pipeline/run/run-directory.ts';
import { parseStagingName } from '../../pipeline/staging/staging.ts';
import { findPlan } from '../../store/run-files.ts';
import { isOthers } from '../live/find-staging.ts';
import { observeLive } from '../live/live-schema.ts';
import { backupCandidates, withMarker } from '../live/schema-contents.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { OpenRuns } from '../temporal/open-runs.ts';

const DAY_MS = 24 * 3_600_000;

/** Staging schemas that no open workflow needs, backups beyond `keepBackups`, and abandoned uploads. */
export async function findLeftovers(
  deps: Dependencies,
  pipeline: string,
  { staging, warehouse }: PipelineDefinition,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const live = await observeLive(deps, warehouse, signal);
  const database = deps.warehouse(warehouse);
  const candidates = await backupCandidates(database, warehouse, live.schemas, signal);
  const backups =
    live.marker?.pipeline === pipeline
      ? backupsToDrop(warehouse.schema, live.marker, candidates, warehouse.keepBackups)
      : [];
  const found: Leftover[] = [
    ...(await abandonedStaging(deps, pipeline, { staging, warehouse }, live, signal)),
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
    found.push({
      kind: 'upload',
      key,
      uploadId,
      startedAt: begun,
      why: `started ${begun} and never completed`,
    });
  }
  return found;
}

/**
 * Only schemas of runs whose plan is in this pipeline's directory or, if the run was pruned, whose own marker names this
 * pipeline: another pipeline's schemas may have similar names.
 */
async function abandonedStaging(
  deps: Dependencies,
  pipeline: string,
  { staging: { bucket, prefix }, warehouse }: Pick<PipelineDefinition, 'staging' | 'warehouse'>,
  live: LiveState,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  const open = await OpenRuns.now(pipeline);
  const found: Leftover[] = [];
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
    const whose = plan === undefined ? 'whose directory is gone' : 'without an open workflow';
    found.push({ kind: 'schema', name, run, why: `a staging schema of a run ${whose}` });
  }
  return found;
}
