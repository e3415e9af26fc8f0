import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { ReadOrder } from '../../pipeline/apply/read-order.ts';
import { type PipelineDefinition, RunName } from '../../pipeline/definition/pipeline-definition.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import { withheldId } from '../../pipeline/mapping/hide/withheld-id.ts';
import { isSameReading } from '../../pipeline/mapping/same-reading.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import { dataDirectory } from '../../pipeline/run/run-directory.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { withNamingOf } from '../../pipeline/schema/with-naming.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { nextLogCheckpoints, readGaps, readShards, refuseMissing } from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { findManifest, findSourcePlan } from '../../store/run-files.ts';
import { exportsWanted } from '../changes/followed-table.ts';
import { openEpoch } from '../changes/open-epoch.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { hashKeyId } from '../runtime/hash-key.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { type PlanOfSource, planOverEarlier } from './plan-over-earlier.ts';

const DAY_MS = 86_400_000;
const SHARDS_AT_ONCE = 16;

interface Wanted {
  readonly ref: RunRef;
  readonly definition: PipelineDefinition;
  readonly live: LiveState | undefined;
}

/**
 * The plan of a run that takes the part files of the live run and, before its swap, all changes since then: without reading
 * the table.
 * @returns without a plan if that is not possible. `origin` says what of both, and why
 */
export async function planOverLive(
  deps: Dependencies,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ readonly plan?: PlanOfSource; readonly origin: string }> {
  const { ref, definition, live } = wanted;
  const { marker } = live ?? {};
  const run = RunName.safeParse(marker?.run).data;
  if (run === undefined || marker?.pipeline !== ref.pipeline) return reads('no run is live');
  const store = deps.store(ref.bucket);
  try {
    const reason = await obstacle(deps, { ...wanted, of: { ...ref, run } }, signal);
    if (reason !== undefined) return reads(reason);
    const plan = await planOverEarlier(store, ref, definition, { run, isReplay: false }, signal);
    return {
      plan,
      origin: `It takes the part files of run ${run}, which is live, and the changes since ${plan.plannedAt}; the table is not read.`,
    };
  } catch (error) {
    // Whatever a plan over it refuses, a scan may be able to do.
    if (!(error instanceof Terminal || error instanceof Refusal)) throw error;
    return reads(error.message);
  }
}

const reads = (reason: string) => ({
  origin: `It reads the table, because the part files of the live run cannot be taken: ${reason}`,
});

/** What prevents that the part files of a run are brought up to date by changes. */
async function obstacle(
  deps: Dependencies,
  { definition, of }: Wanted & { readonly of: RunRef },
  signal: AbortSignal,
): Promise<string | undefined> {
  const store = deps.store(of.bucket);
  const source = await findSourcePlan(store, of, signal);
  const manifest = await findManifest(store, of, signal);
  if (source === undefined || manifest === undefined) return `the directory of run ${of.run} was pruned`;
  const { changes } = source;
  if (changes === undefined) return `run ${of.run} does not say where in the log its data begins`;
  const { source: sourceNow, staging } = definition;
  const { changes: followed } = sourceNow;
  if (followed === undefined) return 'the pipeline follows no changes';
  const { keepDays } = followed;
  const now = await sharedTime(deps, of.bucket, { signal });
  // What is younger is never deleted, so the log cannot lose what this needs while it is planned.
  if (now.getTime() - Date.parse(source.plannedAt) > keepDays * DAY_MS)
    return `the data of run ${of.run} is from ${source.plannedAt}, and the log is kept for ${counted(keepDays, 'day')}`;
  const mapping = withNamingOf(definition.mapping, source.definition.mapping);
  if (!isSameReading(mapping, source.definition.mapping))
    return `the mapping has changed since run ${source.run} read the table`;
  const { mapping: logMapping } = await deps.pipelineOf(of.pipeline);
  if (source.logMapping !== undefined && withheldId(source.logMapping) !== withheldId(logMapping))
    return `changes are recorded by another mapping since run ${source.run} read the table`;
  if (hashKeyId(deps.hashKey, mapping) !== source.hashKeyId)
    return `run ${source.run} hashed its values with another key`;
  const lost = await missingFile(
    store,
    manifest.tables.flatMap(({ files }) => files.map(({ key }) => key)),
    signal,
  );
  if (lost !== undefined) return `s3://${of.bucket}/${lost} was removed`;
  const { log } = await openEpoch(
    deps,
    { pipeline: of.pipeline, table: sourceNow.table, staging, ...exportsWanted(followed) },
    signal,
  );
  return obstacleInLog(log, source, changes, signal);
}

async function obstacleInLog(
  log: ChangeLog,
  { run, plannedAt }: Plan,
  { epoch, positions }: NonNullable<Plan['changes']>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (epoch !== log.at.epoch) return `the table has another stream than when run ${run} read it`;
  const gap = (await readGaps(log, undefined, signal)).find(({ noticedAt }) => noticedAt >= plannedAt);
  if (gap !== undefined) return gap.message;
  const shards = await readShards(log, undefined, signal);
  const order = new ReadOrder(
    epoch,
    shards,
    positions.map((position) => ({ epoch, ...position })),
  );
  // Throws if the log does not have the next one.
  refuseMissing(log, order.missing());
  await forEachLimited(
    order.readable(),
    SHARDS_AT_ONCE,
    async ({ shard, after }) => void (await nextLogCheckpoints(log, shard, after, signal)),
    signal,
  );
  return undefined;
}

/** A part file that is not there any more: a lifecycle rule of the bucket may have removed it. */
async function missingFile(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const left = new Set(keys);
  for (const directory of new Set(keys.map(dataDirectory)))
    for await (const { key } of store.list(directory, { signal })) left.delete(key);
  const [first] = left;
  return first;
}
