import type { AlertsOfGraph, GraphSelection } from '../../../contract/datasets/graph.ts';
import { alertsPlaces } from '../../../pipeline/datasets/alerts-places.ts';
import { nameOfRun } from '../../../pipeline/datasets/graph/run-name.ts';
import { findDocument } from '../../../store/document.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import { pipelineAlerts } from '../../../store/pipeline-alerts-file.ts';
import { whoListens } from '../../alerts/who-listens.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { openGraph } from './open-graph.ts';
import { scopeOf } from './plan-round.ts';

const AT_ONCE = 16;

/** Where the alerts of a run of datasets are noted, and of which of them something is not resolved. */
export async function alertsOfGraph(
  deps: Dependencies,
  selection: GraphSelection,
  signal: AbortSignal,
): Promise<AlertsOfGraph | undefined> {
  if ((await whoListens(deps)).alerts !== true) return undefined;
  const { nodes, sources, derived, fetched } = await openGraph(deps, selection.datasets ?? []);
  const { seen } = scopeOf({ nodes, derived, fetched }, selection);
  const all = alertsPlaces({ ...sources, ...derived, ...fetched });
  const names = new Set([...seen, nameOfRun(selection.datasets)]);
  const places = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  const open: string[] = [];
  await forEachLimited(
    Object.entries(places),
    AT_ONCE,
    async ([pipeline, { bucket, prefix }], each) => {
      const state = await findDocument(pipelineAlerts(deps.store(bucket), { prefix, pipeline }), each);
      if (state !== undefined && state.open.length > 0) open.push(pipeline);
    },
    signal,
  );
  return { places, open: open.toSorted() };
}
