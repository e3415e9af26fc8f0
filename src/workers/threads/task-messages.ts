import type { MessagePort } from 'node:worker_threads';
import type { SegmentActivity, TaskOf, WorkKind } from '../../activities/runtime/segment-context.ts';
import type { StepProgress } from '../../pipeline/run/step-progress.ts';
import type { CarriedError } from './carried-error.ts';

/** What Temporal's thread and an extraction thread send each other: a task with a port, and the rest over that port. */

/** Starts a task. */
export interface Start<Kind extends WorkKind = WorkKind> {
  readonly kind: Kind;
  readonly task: TaskOf<Kind>;
  readonly port: MessagePort;
}

/** To the extraction thread. */
export type ToTask =
  /** The activity is cancelled. */
  | { readonly is: 'abort' }
  /** The worker begins to stop. */
  | { readonly is: 'stop' }
  | { readonly is: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly is: 'refusal'; readonly id: number; readonly error: CarriedError };

/** From the extraction thread. */
export type FromTask =
  | { readonly is: 'progress'; readonly progress: StepProgress }
  /** Calls a method of the activity. Without an id, it is a note that has no answer. */
  | {
      readonly is: 'call';
      readonly method: keyof SegmentActivity;
      readonly given: readonly [first?: unknown, second?: unknown];
      readonly id?: number;
    }
  | { readonly is: 'result'; readonly value: unknown }
  | { readonly is: 'failure'; readonly error: CarriedError };
