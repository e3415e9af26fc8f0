import type { ActivityOptions } from '@temporalio/common';
import { EXTRACT_TASK_QUEUE } from '../contract/refresh.ts';

/**
 * How long each kind of step may take and how it is retried. The activity itself marks a failure that waiting cannot
 * fix as terminal, and bounds the retries of unforeseen errors (`src/activities/runtime/failures.ts`), so attempts are
 * not bounded here.
 */
const patient = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

export const profiles = {
  /** Reads and writes a few small objects, asks DynamoDB and Redshift short questions. */
  short: { startToCloseTimeout: '15 minutes', heartbeatTimeout: '30s', retry: patient },
  /** Reads every checkpoint and writes two objects. A run must end, with its report or without. */
  report: {
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30s',
    retry: patient,
  },
  /** Reads every checkpoint of a run and encodes its odd items. */
  seal: { startToCloseTimeout: '12 hours', heartbeatTimeout: '30s', retry: patient },
  /** Waits for statements of Redshift, which may run for hours behind others. */
  statements: {
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    // A cancelled run ends when its statement has.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
  /** Scans one segment; a host that dies is noticed by its missing heartbeats. */
  extract: {
    taskQueue: EXTRACT_TASK_QUEUE,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '30s',
    retry: patient,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  },
} as const satisfies Record<string, ActivityOptions>;
