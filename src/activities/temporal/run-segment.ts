import { Context } from '@temporalio/activity';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countExtracted } from '../runtime/metrics.ts';
import type { ReadBudget } from '../runtime/read-budget.ts';
import type {
  ResultOf,
  SegmentActivity,
  SegmentThreads,
  TaskOf,
  WorkKind,
  WorkOn,
} from '../runtime/segment-context.ts';
import { SegmentProgress } from '../runtime/segment-progress.ts';
import { pendingSteps } from './pending-steps.ts';

interface SegmentHost {
  readonly deps: Dependencies;
  /** Undefined: the work runs in this thread. */
  readonly threads: SegmentThreads | undefined;
  /** The workflow that started the segment; undefined if an operator did. */
  readonly parent: string | undefined;
}

/** Works on a segment, in a thread or here, as the activity that is running here. */
export async function runSegment<Kind extends WorkKind>(
  { deps, threads, parent }: SegmentHost,
  kind: Kind,
  work: WorkOn<Kind>,
  task: TaskOf<Kind>,
): Promise<ResultOf<Kind>> {
  const { stopping } = deps;
  const progress = new SegmentProgress();
  const record = ActivityRecord.current();
  let details = () => progress.details();
  const rate = new SegmentReadRate(deps, parent);
  try {
    return await whileHeartbeating(
      () => details(),
      (signal) => {
        const activity = segmentActivity(deps, rate, signal);
        if (threads === undefined) {
          return work(task, { clients: deps, activity, signal, stopping, progress, waits: record.waits });
        }
        return threads.run(kind, task, activity, {
          signal,
          stopping,
          isSuspect: record.isLoss,
          onProgress: (reported) => {
            details = () => reported;
          },
        });
      },
      { checksLosses: true },
    );
  } finally {
    rate.leave();
  }
}

/** What the work asks for, answered in the activity's own asynchronous context. */
function segmentActivity(deps: Dependencies, rate: SegmentReadRate, signal: AbortSignal): SegmentActivity {
  const record = ActivityRecord.current();
  const { metricMeter } = Context.current();
  const ended = AbortSignal.any([signal, rate.left, ...(deps.stopping === undefined ? [] : [deps.stopping])]);
  return {
    pipelineOf: (pipeline) => deps.pipelineOf(pipeline),
    reach: (checkpoint) => record.reach(checkpoint),
    isRepeatedLoss: async () => record.isRepeatedLoss,
    refuseRepeatedLoss: async (what) => record.refuseRepeatedLoss(what),
    countExtracted: (pipeline, counts) => countExtracted(metricMeter, pipeline, counts),
    joinReadRate: (of) => rate.join(of),
    takeUnits: (units) => rate.budget.take(units, ended),
    correctUnits: (more) => rate.budget.correct(more),
  };
}

/** A segment's part of its run's read rate. */
class SegmentReadRate {
  readonly #deps: Pick<Dependencies, 'readRates'>;
  readonly #context = Context.current();
  readonly #parent: string | undefined;
  #run: string | undefined;
  #budget: ReadBudget | undefined;
  readonly #left = new AbortController();

  constructor(deps: Pick<Dependencies, 'readRates'>, parent: string | undefined) {
    this.#deps = deps;
    this.#parent = parent;
  }

  async join({ run, unitsPerSecond, atMost }: Parameters<SegmentActivity['joinReadRate']>[0]): Promise<void> {
    // Known before it is awaited: the thread that asked may end in the meantime.
    this.#run = run;
    this.#budget = await this.#deps.readRates.join({
      run,
      unitsPerSecond,
      segment: this.#segment,
      atMost,
      count: (own) => this.#count(own),
    });
  }

  get budget(): ReadBudget {
    if (this.#budget === undefined) throw new Error("the segment has not joined its run's read rate");
    return this.#budget;
  }

  /** Aborted when it has left: what was asked for and not yet granted is not taken. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  leave(): void {
    this.#left.abort();
    if (this.#run !== undefined) this.#deps.readRates.leave(this.#run, this.#segment);
  }

  get #segment(): string {
    const { workflowExecution, activityId } = this.#context.info;
    return workflowExecution?.workflowId ?? activityId;
  }

  /** The running segments: those that Temporal has given to a worker, and this worker's own. */
  async #count(own: ReadonlySet<string>): Promise<number> {
    if (this.#parent === undefined) return own.size;
    const steps = await pendingSteps(this.#context.client, this.#parent);
    const running = steps.filter((step) => step.isRunning && step.workflowId !== this.#parent);
    return new Set([...own, ...running.map(({ workflowId }) => workflowId)]).size;
  }
}
