import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { isInGraph } from '../../config/datasets/in-graph.ts';
import type { DatasetSchedule } from '../../config/schedules/schedule-entry.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import { datasetWorkflowId, type RefreshDatasetInput } from '../../contract/datasets/datasets.ts';
import { graphWorkflowId, type RefreshGraphInput } from '../../contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { nameOfRun } from '../../pipeline/datasets/graph/run-name.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { CATCH_UP, definitionText, timesOf } from './schedule-parts.ts';
import type { Watched } from './watches.ts';

/** The datasets that a schedule names; undefined: all. */
const datasetsOf = ({ dataset, datasets = [] }: DatasetSchedule): readonly string[] | undefined =>
  dataset === undefined ? (datasets === 'all' ? undefined : datasets) : [dataset];

/**
 * A schedule of datasets for Temporal: it starts what `tributary dataset run` starts. A start is left out while an earlier run is
 * open: the next one takes its files. The memo of its action stores the definition.
 */
export function datasetScheduleOptions(
  name: string,
  definition: DatasetSchedule,
  config: TributaryConfig,
): ScheduleOptions {
  const run = nameOfRun(datasetsOf(definition));
  const started = isOfFiles(definition, config) ? ofFiles(name, run) : ofGraph(name, definition);
  return {
    scheduleId: name,
    spec: timesOf(definition),
    action: {
      type: 'startWorkflow',
      ...started,
      taskQueue: CONTROL_TASK_QUEUE,
      memo: {
        ...{ dataset: run, schedule: name, command: TRIBUTARY },
        // Once another dataset reads this one, a run is another workflow.
        definition: definitionText({ ...definition, workflow: started.workflowType }),
      },
      staticSummary: `${run}, by schedule ${name}`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: false },
    memo: { tributary: 'file' },
  };
}

/** What such a schedule must have built in time. */
export function watchedDatasets(definition: DatasetSchedule, config: TributaryConfig): Watched {
  const datasets = datasetsOf(definition);
  return {
    ...{ pipeline: nameOfRun(datasets), datasets: datasets ?? 'all', finishWithin: definition.finishWithin },
    ...(isOfFiles(definition, config) ? { isOfFiles: true } : {}),
  };
}

const isOfFiles = ({ dataset }: DatasetSchedule, config: TributaryConfig): boolean =>
  dataset !== undefined && !isInGraph(config, dataset);

// Temporal adds the time to their ids.
const ofFiles = (name: string, dataset: string) => ({
  workflowType: 'refreshDataset',
  workflowId: datasetWorkflowId(dataset, name),
  args: [{ dataset } satisfies RefreshDatasetInput],
});

/** The run builds what was meant at the time at which it was due. */
function ofGraph(name: string, definition: DatasetSchedule) {
  const datasets = datasetsOf(definition);
  return {
    workflowType: 'refreshGraph',
    workflowId: graphWorkflowId(datasets === undefined ? 'all' : nameOfRun(datasets), name),
    args: [(datasets === undefined ? {} : { datasets }) satisfies RefreshGraphInput],
  };
}
