import type { InferSegmentInput } from '../../contract/infer.ts';
import type { InferControlActivities, InferScanActivities } from '../../contract/infer-activities.ts';
import { SIGNAL_SEGMENT_SETTLED } from '../../contract/refresh.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import type { SegmentThreads } from '../runtime/segment-context.ts';
import { reportingToParent } from '../temporal/reporting-to-parent.ts';
import { runSegment } from '../temporal/run-segment.ts';
import { concludeInference } from './conclude-inference.ts';
import { inferSegment } from './infer-segment.ts';
import { planInference } from './plan-inference.ts';

/** The activities of schema inference on the control queue. */
export function createInferControlActivities(deps: Dependencies): InferControlActivities {
  return {
    planInference: withErrorClass(deps, (input) => planInference(deps, input), 'brief'),
    concludeInference: withErrorClass(deps, (input) => concludeInference(deps, input)),
  };
}

/**
 * The activities of schema inference on the extraction queue.
 * @param threads that scan the segments; if omitted, this thread does
 */
export function createInferScanActivities(
  deps: Dependencies,
  threads: SegmentThreads | undefined,
): InferScanActivities {
  return {
    inferSegmentPages: withErrorClass(
      deps,
      async ({ pipeline, inference, staging, segment, parent }: InferSegmentInput) => {
        const { bucket, prefix } = staging ?? (await deps.pipelineOf(pipeline)).staging;
        const ref = { pipeline, inference, bucket, prefix };
        return reportingToParent({ parent, signal: SIGNAL_SEGMENT_SETTLED, of: { inference } }, () =>
          runSegment({ deps, threads, parent }, 'infer', inferSegment, { ref, segment }),
        );
      },
    ),
  };
}
