import { randomUUID } from 'node:crypto';
import type { GraphControlActivities } from '../../../contract/datasets/graph.ts';
import { counted } from '../../../pipeline/text/measures.ts';
import { Pointers } from '../../../store/datasets/changed-pointers.ts';
import { whoListens } from '../../alerts/who-listens.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { withErrorClass } from '../../runtime/failures.ts';
import { whileHeartbeating } from '../../runtime/heartbeat.ts';
import { alertsOfGraph } from './alerts-of-graph.ts';
import { approveStep } from './approve-step.ts';
import { explainPartition } from './explain-partition.ts';
import { openGraph } from './open-graph.ts';
import { cataloguesOfGraph, planDatasets, planRound, scopeOf, sourcesOfGraph } from './plan-round.ts';
import { pruneGraph } from './prune-graph.ts';
import { groupsOf, publishGroup } from './publish-group.ts';

/** Activities of graphs that read and write documents, on the control queue. */
export function createGraphControlActivities(deps: Dependencies): GraphControlActivities {
  const pointers = new Pointers();
  const newId = () => randomUUID().slice(0, 8);
  return {
    alertsOfGraph: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => 'looking for alerts that are not resolved',
        (signal) => alertsOfGraph(deps, input, signal),
      ),
    ),
    sourcesOfGraph: withErrorClass(deps, (input) => sourcesOfGraph(deps, input)),
    cataloguesOfGraph: withErrorClass(deps, (input) => cataloguesOfGraph(deps, input)),
    planRound: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => 'comparing partitions with their inputs',
        async (signal) => ({
          ...(await planRound(deps, pointers, input, { newId, signal })),
          ...((await whoListens(deps)).lineage === true ? { lineage: true as const } : {}),
        }),
      ),
    ),
    planDatasets: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => 'comparing partitions with their inputs',
        (signal) => planDatasets(deps, pointers, input, { newId, signal }),
      ),
    ),
    groupsOf: withErrorClass(deps, async (input) => {
      const graph = await openGraph(deps, input.datasets ?? []);
      return groupsOf(deps, graph, scopeOf(graph, input).built);
    }),
    publishGroup: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => `publishing ${input.publication}`,
        (signal) => publishGroup({ deps, pointers, newId, signal }, input),
      ),
    ),
    explainPartition: withErrorClass(deps, (input) =>
      whileHeartbeating(
        () => `explaining ${input.partition} of ${input.dataset}`,
        (signal) => explainPartition(deps, pointers, input, signal),
      ),
    ),
    pruneGraph: withErrorClass(deps, (input) => {
      let deleted = 0;
      return whileHeartbeating(
        () => `deleting what nothing needs: ${counted(deleted, 'object')}`,
        async (signal) => {
          const graph = await openGraph(deps, input.datasets ?? []);
          const onDeleted = (objects: number) => {
            deleted += objects;
          };
          await pruneGraph(deps, graph, [...scopeOf(graph, input).built], { signal, onDeleted });
          return { objects: deleted };
        },
      );
    }),
    approveStep: withErrorClass(deps, ({ dataset }) =>
      whileHeartbeating(
        () => `approving the step of ${dataset}`,
        (signal) => approveStep(deps, dataset, signal),
      ),
    ),
  };
}
