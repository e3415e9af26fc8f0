import type { ActivityOptions } from '@temporalio/common';
import { CHANGES_TASK_QUEUE } from '../contract/changes/changes.ts';
import { DATASETS_TASK_QUEUE } from '../contract/datasets/datasets.ts';
import { EXTRACT_TASK_QUEUE, LOADERS_TASK_QUEUE } from '../contract/refresh.ts';

/**
 * How long each kind of step may take and how it is retried. The activity itself marks a failure that waiting cannot
 * fix as terminal, and bounds the retries of unforeseen errors (`src/activities/runtime/failures.ts`), so attempts are
 * not bounded here.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** How long the delivery of an alert is tried. */
const DELIVERY_TIME = '3 days';

export const profiles = {
  /** Reads and writes a few small objects, and sends short queries to DynamoDB and Redshift. */
  short: { startToCloseTimeout: '15 minutes', heartbeatTimeout: '30s', retry: patient },
  /** Looks at what Temporal knows, again and again. */
  watch: { startToCloseTimeout: '20 minutes', heartbeatTimeout: '30s', retry: patient },
  /** Reads every checkpoint and writes two objects. Bounded, because a run must end even without its report. */
  report: {
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30s',
    retry: patient,
  },
  /** Reads every checkpoint of a run and encodes its odd items. */
  seal: { startToCloseTimeout: '12 hours', heartbeatTimeout: '30s', retry: patient },
  /** Decides where an alert goes: reads the configuration and one small object. */
  route: {
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: DELIVERY_TIME,
    heartbeatTimeout: '10s',
    retry: { ...patient, maximumInterval: '10 minutes' },
  },
  /** Tries an alert while an operator waits. */
  try: {
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '1 minute',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '1s', maximumAttempts: 2 },
  },
  /** Sends one alert to one destination, which may be away for a weekend. */
  deliver: {
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: DELIVERY_TIME,
    heartbeatTimeout: '10s',
    retry: { ...patient, maximumInterval: '10 minutes' },
  },
  /** Waits for Redshift statements, which may queue behind others for hours. */
  statements: {
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    // A cancelled run ends only once its statement has ended.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Waits for messages, and lists files: it writes what it holds before it ends. */
  watchFiles: {
    taskQueue: LOADERS_TASK_QUEUE,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Reads a shard of a stream, which is open for hours, waits for new ones, or for something to apply. */
  changes: {
    taskQueue: CHANGES_TASK_QUEUE,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Reads a batch of files, or builds a partition's generation: on the local disk, with an engine. */
  datasets: {
    taskQueue: DATASETS_TASK_QUEUE,
    startToCloseTimeout: '12 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Lists the files of a dataset, of which there may be millions, and its documents. */
  listing: { startToCloseTimeout: '12 hours', heartbeatTimeout: '30s', retry: patient },
  /** Reads every pointer of a dataset, and compares all partitions of a table in the catalogue. */
  catalogue: {
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    // A write that was sent is compared with the pointers before it ends.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Scans one segment. Missing heartbeats reveal a dead host. */
  extract: {
    taskQueue: EXTRACT_TASK_QUEUE,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
} as const satisfies Record<string, ActivityOptions>;

/** How often what may have been lost with another workflow is looked at, or requested, again. */
export const intervals = {
  /** A run's request that its destination follow a staging schema: the destination may have been terminated since. */
  followStaging: '5 minutes',
  /** Whether the runs whose staging schemas a destination follows still run. */
  followedRunsMs: 30_000,
  /**
   * Children that this execution did not start: nothing reports the end of one that is terminated or times out. The wait
   * doubles each time, because each inspection adds to the history.
   */
  inspectionMs: { first: 10_000, most: 10 * 60_000 },
} as const;
