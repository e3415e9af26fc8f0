import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { InferScanActivities } from '../activities/infer-interface.ts';
import { paddedNumber } from '../pipeline/run-directory.ts';
import type { InferSegmentInput, InferSegmentResult } from './infer-messages.ts';
import { refuseUnknownInput } from './known-input.ts';
import { SIGNAL_SEGMENT_FAILED, SIGNAL_SEGMENT_SETTLED } from './messages.ts';
import { profiles } from './profiles.ts';
import { tellParent, toldIfFailing } from './tell-parent.ts';

const { inferSegmentPages } = proxyActivities<InferScanActivities>(profiles.extract);

/**
 * Looks at one segment of a planned inference.
 *
 * 1. Scan from the last checkpoint, or find the segment done.
 * 2. Tell the parent by its workflow id, also of a failure.
 */
export async function inferSegment(input: InferSegmentInput): Promise<InferSegmentResult> {
  refuseUnknownInput(input, { pipeline: true, inference: true, segment: true, staging: true, parent: true });
  const { parent, inference, segment } = input;
  const summary = `segment ${paddedNumber(segment)} of ${input.pipeline} ${inference}`;
  const result = await toldIfFailing(parent, SIGNAL_SEGMENT_FAILED, { segment, inference }, () =>
    inferSegmentPages.executeWithOptions({ summary }, [input]),
  );
  setCurrentDetails(`${result.items} items, ${result.readUnits} read units`);
  await tellParent(parent, SIGNAL_SEGMENT_SETTLED, { ...result, inference });
  return result;
}
