import type { ObjectStore } from '../../clients/object-store.ts';
import type { TableSource } from '../../clients/table-source.ts';
import type { Waits } from '../../clients/waits.ts';
import type { InferSegmentResult } from '../../contract/infer.ts';
import type { InferenceRef } from '../../contract/infer-activities.ts';
import type { SegmentResult } from '../../contract/refresh.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { StepProgress } from '../../pipeline/run/step-progress.ts';
import type { ExtractedCounts } from './metrics.ts';
import type { SegmentProgress } from './segment-progress.ts';

/** The services that the work on a segment calls. */
export interface SegmentClients {
  readonly source: TableSource;
  readonly store: (bucket: string) => ObjectStore;
  /** The key with which values are hashed: TRIBUTARY_HASH_KEY. */
  readonly hashKey?: string | undefined;
}

/** A run's or an inference's read rate, which its running segments share. */
export interface RunReadRate {
  /** The run or inference, unique in the Temporal namespace. */
  readonly run: string;
  readonly unitsPerSecond: number;
  /** The most segments that run at once. */
  readonly atMost: number;
}

/**
 * What the work on a segment asks of its activity. All of it is data, because the work may run in another thread.
 * Methods without a result are notes: the work does not wait for them, and they arrive in order.
 */
export interface SegmentActivity {
  /** A pipeline of the worker's configuration. @throws Terminal if there is none */
  pipelineOf(pipeline: string): Promise<Pipeline>;
  /** Notes the number of the last checkpoint. More than before is progress. */
  reach(checkpoint: number): void;
  /** Whether the segment has lost too many workers in a row. */
  isRepeatedLoss(): Promise<boolean>;
  /** @param what see `ActivityRecord.refuseRepeatedLoss` @throws Terminal `WorkerLost` if it has */
  refuseRepeatedLoss(what: string): Promise<void>;
  /** Adds a checkpoint to the worker's metrics. */
  countExtracted(pipeline: string, counts: ExtractedCounts): void;
  /** Takes part in a run's read rate until the activity ends. Await it before the first page. */
  joinReadRate(rate: RunReadRate): Promise<void>;
  /** Waits until this many units may be spent. Rejects if the activity is cancelled or its worker stops. */
  takeUnits(units: number): Promise<void>;
  /** Corrects what was taken for a page. @param more units beyond those taken; may be negative */
  correctUnits(more: number): void;
}

/** Where the work on a segment runs: in Temporal's thread or in one of its own. */
export interface SegmentContext {
  readonly clients: SegmentClients;
  readonly activity: SegmentActivity;
  /** Aborted when the activity is cancelled. */
  readonly signal: AbortSignal;
  /** Aborted when the worker begins to stop: the work then saves its state, so that another worker can resume it. */
  readonly stopping: AbortSignal | undefined;
  readonly progress: SegmentProgress;
  readonly waits: Waits;
}

export interface SegmentTask<Ref> {
  readonly ref: Ref;
  readonly segment: number;
}

/** The kinds of work on a segment: what each is given, and what it returns. */
interface Kinds {
  readonly extract: { readonly task: SegmentTask<RunRef>; readonly result: SegmentResult };
  readonly infer: { readonly task: SegmentTask<InferenceRef>; readonly result: InferSegmentResult };
}
export type WorkKind = keyof Kinds;
export type TaskOf<Kind extends WorkKind> = Kinds[Kind]['task'];
export type ResultOf<Kind extends WorkKind> = Kinds[Kind]['result'];
export type WorkOn<Kind extends WorkKind> = (
  task: TaskOf<Kind>,
  context: SegmentContext,
) => Promise<ResultOf<Kind>>;

/** Threads that work on segments, with clients of their own. */
export interface SegmentThreads {
  /**
   * @throws what the work throws; Transient `ThreadLost` if its thread ends or freezes
   */
  run<Kind extends WorkKind>(
    kind: Kind,
    task: TaskOf<Kind>,
    activity: SegmentActivity,
    options: {
      readonly signal: AbortSignal;
      readonly stopping: AbortSignal | undefined;
      /** The segment may be what its last thread or worker was lost to, so it should share a thread with no other. */
      readonly isSuspect: boolean;
      /** Called about once a second. */
      readonly onProgress: (progress: StepProgress) => void;
    },
  ): Promise<ResultOf<Kind>>;
}
