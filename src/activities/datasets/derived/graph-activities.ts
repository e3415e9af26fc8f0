import type { GraphControlActivities } from '../../../contract/datasets/graph.ts';
import { Pointers } from '../../../store/datasets/changed-pointers.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { withErrorClass } from '../../runtime/failures.ts';
import { whileHeartbeating } from '../../runtime/heartbeat.ts';
import { approveStep } from './approve-step.ts';
import { cataloguesOfGraph, planDatasets, planRound, sourcesOfGraph } from './plan-round.ts';

/** Activities of graphs that read and write documents, on the control queue. */
export function createGraphControlActivities(deps: Dependencies): GraphControlActivities {
  const pointers = new Pointers();
  return {
    sourcesOfGraph: withErrorClass(deps, (input) => sourcesOfGraph(deps, input)),
    cataloguesOfGraph: withErrorClass(deps, (input) => cataloguesOfGraph(deps, input)),
    planRound: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => 'comparing partitions with their inputs',
        (signal) => planRound(deps, pointers, input, signal),
      ),
    ),
    planDatasets: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => 'comparing partitions with their inputs',
        (signal) => planDatasets(deps, pointers, input, signal),
      ),
    ),
    approveStep: withErrorClass(deps, ({ dataset }) =>
      whileHeartbeating(
        () => `approving the step of ${dataset}`,
        (signal) => approveStep(deps, dataset, signal),
      ),
    ),
  };
}
