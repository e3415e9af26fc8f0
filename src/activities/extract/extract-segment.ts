import type { ExtractSegmentInput, SegmentResult } from '../../contract/refresh.ts';
import type { Checkpoint } from '../../pipeline/run/checkpoint.ts';
import { isSealed } from '../../pipeline/run/segment-history.ts';
import { readCheckpoints, readPlan } from '../../store/run-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { locateRun } from '../runtime/locate-run.ts';
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
  let reached = 0;
  return whileHeartbeating(
    () => ({ checkpoint: reached }),
    async (signal) => {
      const plan = await readPlan(store, ref, signal);
      refuseUnknownSegment(`Run ${ref.run}`, plan.segments, segment);
      const { refersTo } = plan;
      if (refersTo !== undefined) await replaySegment(store, ref, { ...plan, refersTo }, segment, signal);
      const scan = new SegmentScan(deps, plan, ref, segment, signal);
      for (;;) {
        const history = await readCheckpoints(store, ref, segment, signal);
        reached = history.length;
        if (isSealed(history)) return resultOf(segment, history);
        for await (const checkpoint of scan.resumeFrom(history)) reached = checkpoint.number;
      }
    },
  );
}

function resultOf(segment: number, history: readonly Checkpoint[]): SegmentResult {
  const result = { segment, items: 0, files: 0, bytes: 0, checkpoints: history.length, rejects: 0 };
  for (const checkpoint of history) {
    result.items += checkpoint.items;
    result.files += checkpoint.files.length;
    result.bytes += checkpoint.files.reduce((sum, file) => sum + file.bytes, checkpoint.odd?.bytes ?? 0);
    result.rejects += checkpoint.rejects?.items ?? 0;
  }
  return result;
}
