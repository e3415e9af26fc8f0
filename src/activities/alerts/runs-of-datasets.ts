import type { Client } from '@temporalio/client';
import type { CheckScheduleInput, ScheduleCheck } from '../../contract/alerts.ts';
import type { RefreshDatasetResult } from '../../contract/datasets/datasets.ts';
import { isAllBuilt, type RefreshGraphResult } from '../../contract/datasets/graph.ts';
import { alertsPlaces } from '../../pipeline/datasets/alerts-places.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { decodedMemo, undecoded } from '../temporal/undecoded.ts';

/** Whether a run since a schedule was due has built these datasets, and all that they are made of. */
export async function haveBuilt(
  client: Client,
  { datasets, isOfFiles, due }: CheckScheduleInput & Required<Pick<CheckScheduleInput, 'datasets'>>,
): Promise<boolean> {
  const type = isOfFiles === true ? 'refreshDataset' : 'refreshGraph';
  const query = `WorkflowType = "${type}" AND ExecutionStatus = "Completed" AND StartTime >= "${due}"`;
  for await (const { workflowId, runId, memo } of undecoded(client).workflow.list({ query })) {
    const { memo: known } = await decodedMemo(client, memo);
    const does = known?.does;
    if (typeof does !== 'string' || !includes(does, datasets)) continue;
    const result = await client.workflow.getHandle(workflowId, runId).result();
    if (
      isOfFiles === true
        ? isAllTaken(result as RefreshDatasetResult)
        : isAllBuilt(result as RefreshGraphResult)
    )
      return true;
  }
  return false;
}

/** @param done `all`, or names separated by spaces */
const includes = (done: string, datasets: 'all' | readonly string[]): boolean =>
  done === 'all' || (datasets !== 'all' && datasets.every((dataset) => done.split(' ').includes(dataset)));

const isAllTaken = ({ parked, failed }: RefreshDatasetResult) => parked === 0 && failed.length === 0;

/** Where the alerts of a run of datasets are noted, by what alerts call it. */
export async function placeOfRun(
  deps: Pick<Dependencies, 'datasets' | 'derivedDatasets' | 'fetchedDatasets'>,
  run: string,
): Promise<(ScheduleCheck & { finished: false })['place']> {
  const places = alertsPlaces({
    ...(await deps.datasets()),
    ...(await deps.derivedDatasets()),
    ...(await deps.fetchedDatasets()),
  });
  return Object.hasOwn(places, run) ? places[run] : undefined;
}
