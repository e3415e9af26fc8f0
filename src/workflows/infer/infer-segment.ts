import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { InferSegmentInput, InferSegmentResult } from '../../contract/infer.ts';
import type { InferScanActivities } from '../../contract/infer-activities.ts';
import { SIGNAL_SEGMENT_FAILED, SIGNAL_SEGMENT_SETTLED } from '../../contract/refresh.ts';
import { paddedNumber } from '../../pipeline/run/run-directory.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { notifyingOfFailure, notifyParent } from '../fan-out/notify-parent.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';

const { inferSegmentPages } = proxyActivities<InferScanActivities>(profiles.extract);

/**
 * Scans one segment of a planned inference.
 *
 * 1. Scan from the last checkpoint, or find the segment done.
 * 2. Report success or failure to the parent, by its workflow id. The activity reports success itself, if it can.
 */
export async function inferSegment(input: InferSegmentInput): Promise<InferSegmentResult> {
  refuseUnknownInput(input, { pipeline: true, inference: true, segment: true, staging: true, parent: true });
  const { parent, inference, segment } = input;
  const summary = `segment ${paddedNumber(segment)} of ${input.pipeline} ${inference}`;
  const { reported, ...result } = await explainingFailure(
    () => `Failed: segment ${segment} of ${input.pipeline}, inference ${inference}`,
    () => ({
      fix: 'Fix the cause',
      commands: [`tributary retry ${inference} --segment ${segment}`],
      resumes: true,
    }),
    () =>
      notifyingOfFailure(parent, SIGNAL_SEGMENT_FAILED, { segment, inference }, () =>
        inferSegmentPages.executeWithOptions({ summary }, [input]),
      ),
  );
  setCurrentDetails(`**Done**: ${counted(result.items, 'item')}, ${counted(result.readUnits, 'read unit')}`);
  if (!reported) await notifyParent(parent, SIGNAL_SEGMENT_SETTLED, { ...result, inference });
  return result;
}
