import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { InferScanActivities } from '../activities/infer-interface.ts';
import { paddedNumber } from '../pipeline/run-directory.ts';
import { tellParent } from './extract-segment.ts';
import type { InferSegmentInput, InferSegmentResult } from './infer-messages.ts';
import { SIGNAL_SEGMENT_SETTLED } from './messages.ts';
import { profiles } from './profiles.ts';

const { inferSegmentPages } = proxyActivities<InferScanActivities>(profiles.extract);

/**
 * Looks at one segment of a planned inference.
 *
 * 1. Scan from the last checkpoint, or find the segment done.
 * 2. Tell the parent by its workflow id.
 */
export async function inferSegment(input: InferSegmentInput): Promise<InferSegmentResult> {
  const summary = `segment ${paddedNumber(input.segment)} of ${input.pipeline} ${input.inference}`;
  const result = await inferSegmentPages.executeWithOptions({ summary }, [input]);
  setCurrentDetails(`${result.items} items, ${result.readUnits} read units`);
  await tellParent(input.parent, SIGNAL_SEGMENT_SETTLED, result);
  return result;
}
