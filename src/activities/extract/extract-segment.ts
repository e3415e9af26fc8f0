import type { SegmentResult } from '../../contract/refresh.ts';
import { segmentsAtOnce } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Checkpoint } from '../../pipeline/run/segments/checkpoint.ts';
import { isSealed } from '../../pipeline/run/segments/segment-history.ts';
import { findCauseWatch } from '../../store/cause-watch.ts';
import { readCheckpoints, readPlan } from '../../store/run-files.ts';
import { sourceOf } from '../../store/sources/source-of.ts';
import { atReadRate } from '../runtime/at-read-rate.ts';
import { hidingOf } from '../runtime/hash-key.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { isRedacted } from '../runtime/redaction.ts';
import type { SegmentContext, SegmentTask } from '../runtime/segment-context.ts';
import type { ReachedCheckpoint } from '../runtime/segment-progress.ts';
import { replaySegment } from './replay-segment.ts';
import { SegmentScan } from './segment-scan.ts';

/**
 * Extracts one segment from its last checkpoint to its end.
 *
 * Any number of attempts may do this at once, on any hosts: each writes its files under its own random id, and only
 * one of them can claim the next checkpoint. The others drop what they hold and resume from there.
 */
export async function extractSegment(
  { ref, segment }: SegmentTask<RunRef>,
  context: SegmentContext,
): Promise<SegmentResult> {
  const { clients, activity, signal, progress } = context;
  const store = clients.store(ref.bucket);
  const plan = await readPlan(store, ref, signal);
  refuseUnknownSegment(`Run ${ref.run}`, plan.segments, segment);
  const resumed = async () => {
    const checkpoints = await readCheckpoints(store, ref, segment, signal);
    progress.resume(plan.definition.source.table, checkpoints.map(reachedBy));
    activity.reach(checkpoints.length);
    return checkpoints;
  };
  let history = await resumed();
  if (await activity.isRepeatedLoss()) {
    const known = {
      store: (bucket: string) => clients.store(bucket),
      pipelineOf: (pipeline: string) => activity.pipelineOf(pipeline),
    };
    const place = progress.place(await isRedacted(known, ref, signal));
    await activity.refuseRepeatedLoss(`segment ${segment} of run ${ref.run}, ${place}`);
  }
  const { refersTo } = plan;
  if (refersTo !== undefined) {
    await replaySegment(store, ref, { ...plan, refersTo }, segment, signal, (checkpoint) =>
      activity.reach(checkpoint),
    );
    history = await resumed();
  }
  if (isSealed(history)) return resultOf(segment, history);
  const hiding = hidingOf(clients.hashKey, plan);
  const pace = await atReadRate(context, {
    run: `${ref.pipeline}/${ref.run}`,
    unitsPerSecond: plan.definition.source.readUnitsPerSecond,
    size: plan.source,
    atMost: segmentsAtOnce(plan),
  });
  const scan = new SegmentScan({
    context,
    source: sourceOf(clients, plan),
    plan,
    ref,
    segment,
    pace,
    hiding,
    watch: findCauseWatch(
      store,
      { ...ref, destination: plan.definition.destination },
      { key: plan.source.key, mapping: plan.definition.mapping },
      signal,
    ),
  });
  while (!isSealed(history)) {
    const result = resultOf(segment, history);
    for await (const checkpoint of scan.resumeFrom(history)) {
      const { items, rejects } = checkpoint;
      const reached = reachedBy(checkpoint);
      const bytes = reached.bytes + (rejects?.bytes ?? 0);
      activity.countExtracted(ref.pipeline, { items, bytes, rejects: rejects?.items ?? 0 });
      progress.wrote(reached);
      activity.reach(checkpoint.number);
      add(checkpoint, result);
      if (isSealed([checkpoint])) return result;
    }
    // Another attempt has claimed the next checkpoint.
    history = await resumed();
  }
  return resultOf(segment, history);
}

const reachedBy = (checkpoint: Checkpoint): ReachedCheckpoint => ({
  ...checkpoint,
  bytes: checkpoint.files.reduce((sum, { bytes }) => sum + bytes, checkpoint.odd?.bytes ?? 0),
});

function resultOf(segment: number, history: readonly Checkpoint[]): SegmentResult {
  const result = { segment, items: 0, files: 0, bytes: 0, checkpoints: 0, rejects: 0 };
  for (const checkpoint of history) add(checkpoint, result);
  return result;
}

function add(
  checkpoint: Checkpoint,
  to: { -readonly [Sum in keyof SegmentResult]: SegmentResult[Sum] },
): void {
  to.items += checkpoint.items;
  to.files += checkpoint.files.length;
  to.bytes += reachedBy(checkpoint).bytes;
  to.checkpoints++;
  to.rejects += checkpoint.rejects?.items ?? 0;
}
