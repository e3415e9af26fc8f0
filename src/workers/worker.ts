import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createAlertActivities } from '../activities/alerts/alert-activities.ts';
import {
  createApplyActivities,
  createApplyRoundActivities,
} from '../activities/apply-changes/apply-changes-activities.ts';
import {
  createBulkLoadActivities,
  createBulkLoadWaits,
} from '../activities/bulk-load/bulk-load-activities.ts';
import { createCatchUpActivities } from '../activities/catch-up/catch-up-activities.ts';
import { createFollowActivities, createReadActivities } from '../activities/changes/follow-activities.ts';
import {
  createDatasetActivities,
  createDatasetControlActivities,
  createDatasetWatchActivities,
} from '../activities/datasets/dataset-activities.ts';
import { createGraphControlActivities } from '../activities/datasets/derived/graph-activities.ts';
import { createControlActivities, createExtractActivities } from '../activities/index.ts';
import {
  createInferControlActivities,
  createInferScanActivities,
} from '../activities/infer/infer-activities.ts';
import { createLineageActivities } from '../activities/lineage/lineage-activities.ts';
import { createLoadBatchActivities } from '../activities/load-batch/load-batch-activities.ts';
import { createLoaderActivities } from '../activities/loader/loader-activities.ts';
import {
  createWatchActivities,
  createWatchControlActivities,
} from '../activities/loader/watch-activities.ts';
import { createMaintenanceActivities } from '../activities/maintenance/maintenance-activities.ts';
import type { SegmentThreads } from '../activities/runtime/segment-context.ts';
import { watchedDependencies } from '../activities/runtime/watched-dependencies.ts';
import { CHANGES_TASK_QUEUE } from '../contract/changes/changes.ts';
import { DATASETS_TASK_QUEUE } from '../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE, EXTRACT_TASK_QUEUE, LOADERS_TASK_QUEUE } from '../contract/refresh.ts';
import type { WorkerDependencies } from './dependencies.ts';
import { LateWorker, type RunnableWorker } from './late-worker.ts';
import { followLiveWorkers, PROCESS_IDENTITY } from './live-workers.ts';
import { workflowBundle } from './workflow-bundle.ts';

interface TributaryWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly dependencies: WorkerDependencies;
  /** The number of segments extracted at once. */
  readonly extractSlots: number;
  /** Threads that extract the segments, with clients of their own. Default: Temporal's thread does, with the dependencies. */
  readonly extractThreads?: SegmentThreads | undefined;
  /** A bundle built in advance. Default: the package's own, or that of the checkout's sources. */
  readonly workflowBundle?: { readonly codePath: string };
  /** How payloads and failures are encoded in Temporal. A bundle built in advance must contain its converters. */
  readonly dataConverter?: DataConverter | undefined;
  /** Of all its workers. Default: the SDK's choice. */
  readonly tuning?: Tuning;
}

/** How Temporal's workers take tasks. */
type Tuning = Pick<
  WorkerOptions,
  | 'maxCachedWorkflows'
  | 'stickyQueueScheduleToStartTimeout'
  | 'maxConcurrentActivityTaskPolls'
  | 'maxConcurrentWorkflowTaskPolls'
  | 'shutdownGraceTime'
>;

/** Steps of datasets at once: each takes memory, disk and cores. */
const DATASETS_SLOTS = 2;
/** SQL activities mostly wait, and Redshift's own queues limit them further. */
const CONTROL_SLOTS = 50;
/** One for each queue or prefix that is watched, and one more while it is listed. */
const LOADERS_SLOTS = 200;
/**
 * One for each open shard and for each destination. All of them mostly wait, and what they hold is bounded otherwise, so there
 * are more than a worker should ever need: destinations that wait must not keep shards from being read.
 */
const CHANGES_SLOTS = 1000;

/**
 * Cancellation reaches an activity through its heartbeats, so one heartbeat per second delivers it within a second. The
 * grace time is for a segment's last cut; a container's own grace period must be longer.
 */
const shared = {
  identity: PROCESS_IDENTITY,
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '1s',
  shutdownGraceTime: '25s',
} as const satisfies Partial<WorkerOptions>;

/**
 * The workers of one host: one for workflows and SQL, one for extraction, so that hours of extracting one table never
 * block the replacement of another, one for watching queues and prefixes, and one for following changes: both mostly wait.
 * The one for datasets starts once the configuration has one.
 * Until they stop, the share of the Data API's limits in the dependencies follows the number of live workers.
 */
export async function createWorkers(options: TributaryWorkerOptions): Promise<readonly RunnableWorker[]> {
  const { connection, namespace, dataConverter } = options;
  const dependencies = watchedDependencies(options.dependencies);
  const common = {
    ...shared,
    ...(dataConverter === undefined ? {} : { dataConverter }),
    ...options.tuning,
    connection,
    namespace,
  };
  const control = await Worker.create({
    ...common,
    workflowBundle: options.workflowBundle ?? (await workflowBundle(dataConverter)),
    taskQueue: CONTROL_TASK_QUEUE,
    activities: {
      ...createControlActivities(dependencies),
      ...createCatchUpActivities(dependencies),
      ...createInferControlActivities(dependencies),
      ...createMaintenanceActivities(dependencies),
      ...createAlertActivities(dependencies),
      ...createLineageActivities(dependencies),
      ...createBulkLoadActivities(dependencies),
      ...createLoadBatchActivities(dependencies),
      ...createDatasetControlActivities(dependencies),
      ...createGraphControlActivities(dependencies),
      ...createLoaderActivities(dependencies),
      ...createWatchControlActivities(dependencies),
      ...createFollowActivities(dependencies),
      ...createApplyActivities(dependencies),
    },
    maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
  });
  const extract = await Worker.create({
    ...common,
    taskQueue: EXTRACT_TASK_QUEUE,
    activities: {
      ...createExtractActivities(dependencies, options.extractThreads),
      ...createInferScanActivities(dependencies, options.extractThreads),
    },
    maxConcurrentActivityTaskExecutions: options.extractSlots,
  });
  const loaders = await Worker.create({
    ...common,
    taskQueue: LOADERS_TASK_QUEUE,
    activities: {
      ...createWatchActivities(dependencies),
      ...createBulkLoadWaits(dependencies),
      ...createDatasetWatchActivities(dependencies),
    },
    maxConcurrentActivityTaskExecutions: LOADERS_SLOTS,
  });
  const changes = await Worker.create({
    ...common,
    taskQueue: CHANGES_TASK_QUEUE,
    activities: { ...createReadActivities(dependencies), ...createApplyRoundActivities(dependencies) },
    maxConcurrentActivityTaskExecutions: CHANGES_SLOTS,
  });
  const datasets = new LateWorker(
    () =>
      Promise.all([dependencies.datasets(), dependencies.fetchedDatasets()]).then(
        (found) => found.some((datasets) => Object.keys(datasets).length > 0),
        () => false,
      ),
    () =>
      Worker.create({
        ...common,
        taskQueue: DATASETS_TASK_QUEUE,
        activities: createDatasetActivities(dependencies),
        maxConcurrentActivityTaskExecutions: DATASETS_SLOTS,
      }),
  );
  if (dependencies.dataApiShare !== undefined) {
    const isOver = () => ['STOPPED', 'FAILED'].includes(control.getState());
    await followLiveWorkers(connection, namespace, dependencies.dataApiShare, isOver);
  }
  return [control, extract, loaders, changes, datasets];
}

/**
 * Runs workers until they are shut down. If one fails, the others are shut down and its failure is thrown.
 * @param ending called when the first of them ends, for any reason, so that the others can save their work
 */
export async function runWorkers(
  workers: readonly RunnableWorker[],
  ending: () => void = () => {},
): Promise<void> {
  const stopOthers = () => {
    ending();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } finally {
        stopOthers();
      }
    }),
  );
}
