import { Context } from '@temporalio/activity';
import { Transient } from '../../clients/errors.ts';
import type { StepProgress } from '../../pipeline/run/step-progress.ts';
import { ActivityRecord } from './activity-record.ts';

/** Longest time between two heartbeats; shorter if the activity's heartbeat timeout requires it. */
const MAX_INTERVAL_MS = 5_000;

interface HeartbeatOptions {
  /**
   * The work itself finds out how far it has come, and then calls `refuseRepeatedLoss`: its message says more. Default:
   * an activity that has lost too many workers is refused at once.
   */
  readonly checksLosses?: boolean;
}

/**
 * Runs `work` while sending heartbeats. `describe` gives their details for operators (`StepProgress`, or a text): nothing
 * resumes from them. What the activity waits for, and the workers it has lost, are added. The context is taken before the timer
 * starts, because Temporal's API fails outside the activity's own asynchronous context.
 * @throws Terminal `WorkerLost` if the activity has lost too many workers in a row
 */
export async function whileHeartbeating<T>(
  describe: () => string | StepProgress,
  work: (signal: AbortSignal) => Promise<T>,
  { checksLosses = false }: HeartbeatOptions = {},
): Promise<T> {
  const context = Context.current();
  const record = ActivityRecord.current();
  const beat = (ends = false) => context.heartbeat(record.details(describe(), ends));
  const { beat: outer } = record;
  record.beat = beat;
  const { heartbeatTimeoutMs = 0 } = context.info;
  const interval = Math.min(MAX_INTERVAL_MS, heartbeatTimeoutMs / 4 || MAX_INTERVAL_MS);
  const timer = setInterval(() => beat(), interval);
  try {
    // Before any data is touched, so that an attempt that dies at once is counted too.
    beat();
    record.refuseLossAtOnce(checksLosses);
    return await work(context.cancellationSignal);
  } catch (error) {
    // An attempt that fails did not lose its worker, unless it lost its thread: the next attempt counts that as well.
    // Temporal stores the last heartbeat with the failure.
    beat(!(error instanceof Transient && error.code === 'ThreadLost'));
    throw error;
  } finally {
    clearInterval(timer);
    record.beat = outer;
  }
}
