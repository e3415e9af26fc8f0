import type { InferControlActivities, InferScanActivities } from '../../contract/infer-activities.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { withErrorClass } from '../runtime/failures.ts';
import { concludeInference } from './conclude-inference.ts';
import { inferSegmentPages } from './infer-segment.ts';
import { planInference } from './plan-inference.ts';

/** The activities of schema inference on the control queue. */
export function createInferControlActivities(deps: Dependencies): InferControlActivities {
  return {
    planInference: withErrorClass(deps, (input) => planInference(deps, input), 'brief'),
    concludeInference: withErrorClass(deps, (input) => concludeInference(deps, input)),
  };
}

/** The activities of schema inference on the extraction queue. */
export function createInferScanActivities(deps: Dependencies): InferScanActivities {
  return { inferSegmentPages: withErrorClass(deps, (input) => inferSegmentPages(deps, input)) };
}
