import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import {
  type ExtractSegmentInput,
  type SegmentResult,
  SIGNAL_SEGMENT_FAILED,
  SIGNAL_SEGMENT_SETTLED,
} from '../../contract/refresh.ts';
import type { ExtractActivities } from '../../contract/refresh-activities.ts';
import { paddedNumber } from '../../pipeline/run/run-directory.ts';
import { byteSize, counted } from '../../pipeline/text/measures.ts';
import { notifyingOfFailure, notifyParent } from '../fan-out/notify-parent.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { explainingPartFailure } from './child-failure.ts';

const { extractSegmentPages } = proxyActivities<ExtractActivities>(profiles.extract);

/**
 * Extracts one segment of a planned run into its part files.
 *
 * 1. Scan from the last checkpoint, or find the segment sealed.
 * 2. Report success or failure to the parent, by its workflow id. So a segment that was reset or restarted also
 *    unblocks its parent, whichever of its executions the parent was waiting for. The activity reports success itself,
 *    if it can.
 */
export async function extractSegment(input: ExtractSegmentInput): Promise<SegmentResult> {
  refuseUnknownInput(input, { pipeline: true, run: true, segment: true, staging: true, parent: true });
  const { parent, run, segment } = input;
  const summary = `segment ${paddedNumber(segment)} of ${input.pipeline} ${run}`;
  const part = { kind: 'segment', child: String(segment) } as const;
  const { reported, ...result } = await explainingPartFailure(
    { pipeline: input.pipeline, run, parent, part },
    () =>
      notifyingOfFailure(parent, SIGNAL_SEGMENT_FAILED, { segment, run }, () =>
        extractSegmentPages.executeWithOptions({ summary }, [input]),
      ),
  );
  const { items, files, bytes, checkpoints } = result;
  setCurrentDetails(
    `**Done**: ${counted(items, 'item')} in ${counted(files, 'file')}, ${byteSize(bytes)}, ${counted(checkpoints, 'checkpoint')}`,
  );
  if (!reported) await notifyParent(parent, SIGNAL_SEGMENT_SETTLED, { ...result, run });
  return result;
}
