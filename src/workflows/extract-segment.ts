import { getExternalWorkflowHandle, log, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { ExtractActivities } from '../activities/interface.ts';
import { paddedNumber } from '../pipeline/run-directory.ts';
import { type ExtractSegmentInput, type SegmentResult, SIGNAL_SEGMENT_SETTLED } from './messages.ts';
import { profiles } from './profiles.ts';

const { extractSegmentPages } = proxyActivities<ExtractActivities>(profiles.extract);

/**
 * Extracts one segment of a planned run into its part files.
 *
 * 1. Scan from the last checkpoint, or find the segment sealed.
 * 2. Tell the parent by its workflow id: a reset or restarted segment brings its parent home, whichever run of
 *    it the parent had been waiting for.
 */
export async function extractSegment(input: ExtractSegmentInput): Promise<SegmentResult> {
  const result = await extractSegmentPages.executeWithOptions(
    { summary: `segment ${paddedNumber(input.segment)} of ${input.pipeline} ${input.run}` },
    [input],
  );
  setCurrentDetails(
    `${result.items} items in ${result.files} files, ${result.bytes} bytes, ${result.checkpoints} checkpoints`,
  );
  await tellParent(input.parent, SIGNAL_SEGMENT_SETTLED, result);
  return result;
}

/** A parent that is gone, or none at all, is no failure: a child can be run alone. */
export async function tellParent(parent: string | undefined, signal: string, result: unknown): Promise<void> {
  if (parent === undefined) return;
  try {
    await getExternalWorkflowHandle(parent).signal(signal, result);
  } catch (error) {
    log.info('the parent is not there to be told', { parent, error: String(error) });
  }
}
