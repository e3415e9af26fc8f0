import type { GraphSelection } from '../../../contract/datasets/graph.ts';
import { plansDirectory } from '../../../pipeline/datasets/dataset-directory.ts';
import type { KeptPlan } from '../../../pipeline/datasets/derived/kept-plan.ts';
import type { GraphPlan } from '../../../pipeline/datasets/graph/plan-graph.ts';
import { claim } from '../../../store/claim.ts';
import { keptPlan } from '../../../store/datasets/dataset-documents.ts';
import type { OpenGraph } from './open-graph.ts';

/** Older plans are deleted. */
const MOST_KEPT = 50;

/** Writes what is to be built and why, beside the first dataset of the configuration. @returns its address */
export async function keepPlan(
  graph: OpenGraph,
  { partitions, complete }: GraphPlan,
  {
    plannedAt,
    now,
    id,
    selection: { datasets },
    signal,
  }: {
    readonly plannedAt: string;
    readonly now: string;
    readonly id: string;
    readonly selection: GraphSelection;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const files = graph.filesOf(graph.first);
  const kept: KeptPlan = {
    ...{ version: 1, id, plannedAt, for: now, complete: Object.fromEntries(complete) },
    ...(datasets === undefined ? {} : { datasets: [...datasets] }),
    partitions: partitions.map(({ dataset, value, state, reason }) => ({
      ...{ dataset, partition: value, state, reason },
    })),
  };
  const document = keptPlan(files, kept);
  await claim(document, kept, (found) => found.id === id, signal);
  const { store } = files;
  const keys: string[] = [];
  for await (const { key } of store.list(plansDirectory(files.at), { signal })) keys.push(key);
  const surplus = keys.toSorted().slice(0, -MOST_KEPT);
  if (surplus.length > 0) await store.delete(surplus, { signal });
  return `s3://${store.bucket}/${document.key}`;
}
