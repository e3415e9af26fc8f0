import type { ExtractSegmentInput, SegmentResult } from '../../contract/refresh.ts';
import type { Checkpoint } from '../../pipeline/run/checkpoint.ts';
import { segmentsAtOnce } from '../../pipeline/run/plan.ts';
import { isSealed } from '../../pipeline/run/segment-history.ts';
import { readCheckpoints, readPlan } from '../../store/run-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { locateRun } from '../runtime/locate-run.ts';
import type { Pace } from '../runtime/pace.ts';
import { isRedacted } from '../runtime/redaction.ts';
import { type ReachedCheckpoint, SegmentProgress } from '../runtime/segment-progress.ts';
import { atReadRate } from '../temporal/at-read-rate.ts';
import { replaySegment } from './replay-segment.ts';
import { SegmentScan } from './segment-scan.ts';

/**
 * Extracts one segment from its last checkpoint to its end.
 *
 * Any number of attempts may do this at once, on any hosts: each writes its files under its own random id, and only
 * one of them can claim the next checkpoint. The others drop what they hold and resume from there.
 */
export async function extractSegmentPages(
  deps: Dependencies,
  input: ExtractSegmentInput,
): Promise<SegmentResult> {
  const { segment } = input;
  const ref = await locateRun(deps, input);
  const store = deps.store(ref.bucket);
  const record = ActivityRecord.current();
  const progress = new SegmentProgress();
  return whileHeartbeating(
    () => progress.details(),
    async (signal) => {
      const plan = await readPlan(store, ref, signal);
      refuseUnknownSegment(`Run ${ref.run}`, plan.segments, segment);
      const resumed = async () => {
        const checkpoints = await readCheckpoints(store, ref, segment, signal);
        progress.resume(plan.definition.source.table, checkpoints.map(reachedBy));
        record.reach(checkpoints.length);
        return checkpoints;
      };
      let history = await resumed();
      if (record.isRepeatedLoss) {
        const place = progress.place(await isRedacted(deps, ref, signal));
        record.refuseRepeatedLoss(`segment ${segment} of run ${ref.run}, ${place}`);
      }
      const { refersTo } = plan;
      if (refersTo !== undefined) {
        await replaySegment(store, ref, { ...plan, refersTo }, segment, signal, (checkpoint) =>
          record.reach(checkpoint),
        );
        history = await resumed();
      }
      const scanned = async (pace: Pace | undefined) => {
        const scan = new SegmentScan({ deps, plan, ref, segment, signal, progress, pace });
        while (!isSealed(history)) {
          for await (const checkpoint of scan.resumeFrom(history)) {
            progress.wrote(reachedBy(checkpoint));
            record.reach(checkpoint.number);
          }
          history = await resumed();
        }
      };
      const rate = {
        run: `${ref.pipeline}/${ref.run}`,
        unitsPerSecond: plan.definition.source.readUnitsPerSecond,
        size: plan.source,
        atMost: segmentsAtOnce(plan),
        parent: input.parent,
      };
      if (!isSealed(history)) await atReadRate(deps, rate, scanned);
      return resultOf(segment, history);
    },
    { checksLosses: true },
  );
}

const reachedBy = (checkpoint: Checkpoint): ReachedCheckpoint => ({
  ...checkpoint,
  bytes: checkpoint.files.reduce((sum, { bytes }) => sum + bytes, checkpoint.odd?.bytes ?? 0),
});

function resultOf(segment: number, history: readonly Checkpoint[]): SegmentResult {
  const result = { segment, items: 0, files: 0, bytes: 0, checkpoints: history.length, rejects: 0 };
  for (const checkpoint of history) {
    result.items += checkpoint.items;
    result.files += checkpoint.files.length;
    result.bytes += reachedBy(checkpoint).bytes;
    result.rejects += checkpoint.rejects?.items ?? 0;
  }
  return result;
}
