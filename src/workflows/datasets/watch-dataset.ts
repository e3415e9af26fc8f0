import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Arrivals, DatasetWatchActivities } from '../../contract/datasets/dataset-activities.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetResult,
  type WatchDatasetInput,
} from '../../contract/datasets/datasets.ts';
import { markdown } from '../../contract/failed-parts.ts';
import { rootCause } from '../../contract/failure.ts';
import { memoOfChild, showDetails } from '../as-typed.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { refreshDataset } from './refresh-dataset.ts';
import { runChildren } from './run-children.ts';

const { awaitArrivals } = proxyActivities<DatasetWatchActivities>(profiles.watchFiles);

/** How long one activity waits: its history has one event per announcement, or per ten minutes. */
const QUIET_SECONDS = 600;
/** After a failure: an operator may have removed its cause meanwhile. */
const WAIT_SECONDS = { first: 60, most: 1800 };

/**
 * Takes the files of a dataset as its queue announces them, and never ends.
 *
 * 1. run: what arrived before it was started.
 * 2. wait: until files are announced, and for some time for more.
 * 3. run, and wait again. A run that fails is repeated, after growing waits; batches that it parks wait for the next one.
 *
 * It continues as new whenever Temporal suggests it.
 */
export async function watchDataset(input: WatchDatasetInput): Promise<void> {
  refuseUnknownInput(input, { dataset: true });
  const { dataset } = input;
  for (let failures = 0, isDue = true; ; ) {
    if (isDue) {
      show(dataset, 'takes files');
      failures = (await isTaken(dataset)) ? 0 : failures + 1;
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof watchDataset>(input);
    if (failures > 0) {
      show(dataset, 'waits after a failed run');
      await sleep(`${Math.min(WAIT_SECONDS.most, WAIT_SECONDS.first * 2 ** (failures - 1))} s`);
      continue;
    }
    show(dataset, 'waits for files');
    const arrivals = await heardOf(dataset);
    isDue = arrivals === undefined || arrivals.files > 0 || arrivals.isUnsure;
  }
}

async function isTaken(dataset: string): Promise<boolean> {
  let isDone = false;
  await runChildren<string, RefreshDatasetResult>(
    ['arrivals'],
    (time) =>
      startChild(refreshDataset, {
        workflowId: datasetWorkflowId(dataset, time),
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `files of ${dataset} that arrived`,
        args: [{ dataset }],
        ...memoOfChild(),
      }),
    (_, { kind }) => {
      isDone = kind === 'done';
    },
  );
  return isDone;
}

/** Undefined if the queue cannot be read: then files are looked for from time to time. */
async function heardOf(dataset: string): Promise<Arrivals | undefined> {
  try {
    return await awaitArrivals.executeWithOptions({ summary: `files of ${dataset}` }, [
      { dataset, mostSeconds: QUIET_SECONDS },
    ]);
  } catch (error) {
    if (isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
    const { type, message } = rootCause(error);
    showDetails(`**The queue cannot be read**: ${type}: ${markdown(message)}`);
    await sleep(`${WAIT_SECONDS.most} s`);
    return undefined;
  }
}

function show(dataset: string, what: string): void {
  showDetails(`**${markdown(dataset)}** ${what}`);
  upsertMemo({ tributary: what, dataset });
}
