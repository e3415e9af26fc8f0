import { Context } from '@temporalio/activity';
import type { Dependencies } from '../runtime/dependencies.ts';
import { Pace, type TableSize } from '../runtime/pace.ts';
import { pendingSteps } from './pending-steps.ts';

interface SegmentRate {
  /** The run or inference, unique in the Temporal namespace. */
  readonly run: string;
  /** Undefined: no limit. */
  readonly unitsPerSecond: number | undefined;
  readonly size?: TableSize;
  /** The most segments that run at once. */
  readonly atMost: number;
  /** The workflow that started the segment; undefined if an operator did. */
  readonly parent: string | undefined;
}

/** Scans a segment at its part of the run's read rate. `scan` is given no pace if there is no limit. */
export async function atReadRate<T>(
  deps: Pick<Dependencies, 'readRates' | 'stopping'>,
  { run, unitsPerSecond, size, atMost, parent }: SegmentRate,
  scan: (pace: Pace | undefined) => Promise<T>,
): Promise<T> {
  if (unitsPerSecond === undefined) return scan(undefined);
  const { client, info } = Context.current();
  const segment = info.workflowExecution?.workflowId ?? info.activityId;
  /** The running segments: those that Temporal has given to a worker, and this worker's own. */
  const count = async (own: ReadonlySet<string>) => {
    if (parent === undefined) return own.size;
    const steps = await pendingSteps(client, parent);
    const running = steps.filter((step) => step.isRunning && step.workflowId !== parent);
    return new Set([...own, ...running.map(({ workflowId }) => workflowId)]).size;
  };
  const budget = await deps.readRates.join({ run, unitsPerSecond, segment, atMost, count });
  try {
    return await scan(new Pace(budget, unitsPerSecond, { size, stopping: deps.stopping }));
  } finally {
    deps.readRates.leave(run, segment);
  }
}
