import { Context } from '@temporalio/activity';
import { Terminal } from '../../clients/errors.ts';
import { Waits } from '../../clients/waits.ts';
import {
  lossesAfter,
  lossesAtStart,
  MAX_LOST_WORKERS,
  type WorkerLosses,
} from '../../pipeline/run/lost-workers.ts';
import { type StepProgress, stepProgressOf } from '../../pipeline/run/step-progress.ts';

const records = new WeakMap<Context, ActivityRecord>();

/**
 * What one attempt of an activity adds to its heartbeats: what it waits for, how far it has come, and how many workers
 * the activity has lost since it last got further. Found by the activity's context, so that clients, statements and
 * segments can add to it wherever they are called.
 */
export class ActivityRecord {
  readonly waits = new Waits();
  /** The last heartbeat of the attempt before. */
  readonly before: StepProgress;
  readonly #context: Context;
  readonly #startedMs = Date.now();
  #losses: WorkerLosses;
  #stopping: AbortSignal | undefined;
  /** Sends a heartbeat at once. */
  beat: () => void = () => {};

  constructor(context: Context) {
    this.#context = context;
    const { attempt, heartbeatDetails, startToCloseTimeoutMs } = context.info;
    this.before = stepProgressOf(heartbeatDetails);
    this.#losses = lossesAtStart(this.before.worker, attempt, startToCloseTimeoutMs / 1000);
  }

  /** The record of the activity that is running here. @throws Error outside of an activity */
  static current(): ActivityRecord {
    const context = Context.current();
    const record = records.get(context) ?? new ActivityRecord(context);
    records.set(context, record);
    return record;
  }

  /**
   * A worker that is shutting down ends its attempts itself, however it is killed in the end.
   * @returns a function to call when the attempt has ended
   */
  followStopping(stopping: AbortSignal | undefined): () => void {
    const beat = () => this.beat();
    this.#stopping = stopping;
    stopping?.addEventListener('abort', beat, { once: true });
    return () => stopping?.removeEventListener('abort', beat);
  }

  /** How far the work has come; see `WorkerLosses.reached`. */
  get reached(): number {
    return this.#losses.reached;
  }

  /** Notes how far the work has come. Less than before is no progress. */
  reach(reached: number): void {
    const after = lossesAfter(this.#losses, reached);
    if (after === this.#losses) return;
    this.#losses = after;
    this.beat();
  }

  /** Notes progress that is not measured, such as a file that was deleted. */
  advance(): void {
    this.reach(this.#losses.reached + 1);
  }

  /** Whether the attempt before, or one before that without progress since, has lost its worker. */
  get isLoss(): boolean {
    return this.#losses.lost > 0;
  }

  get isRepeatedLoss(): boolean {
    return this.#losses.lost >= MAX_LOST_WORKERS;
  }

  /**
   * Ends an activity that has lost its worker too often. Call it before the work that may kill the next worker.
   * @param what was being done, as a noun with its place: `segment 3 of run first, after checkpoint 12`
   * @throws Terminal `WorkerLost`
   */
  refuseRepeatedLoss(what: string): void {
    if (!this.isRepeatedLoss) return;
    throw new Terminal(
      'WorkerLost',
      `${this.#losses.lost} workers in a row died or froze at the same place: ${what}. If its exit code is 137, it ` +
        'was killed, mostly for using too much memory, as an extraction thread is that was lost (ThreadLost): give it ' +
        'more memory or fewer segments at once (TRIBUTARY_EXTRACT_HEAP_MB, TRIBUTARY_EXTRACT_SLOTS). Otherwise remove ' +
        'what it cannot handle. Work that is done is kept.',
    );
  }

  /** Before anything else is done: even finding out where the work stands may have killed the last worker. */
  refuseLossAtOnce(checksItself: boolean): void {
    if (checksItself && this.#losses.lost <= MAX_LOST_WORKERS) return;
    const { activityType } = this.#context.info;
    this.refuseRepeatedLoss(
      `activity ${activityType}${this.before.doing === undefined ? '' : `, ${this.before.doing}`}`,
    );
  }

  /** The details of a heartbeat. @param ends the attempt is about to end */
  details(described: string | StepProgress, ends = false): StepProgress {
    const waiting = this.waits.current();
    const seconds = Math.round((Date.now() - this.#startedMs) / 1000);
    return {
      ...(typeof described === 'string' ? { doing: described } : described),
      ...(waiting === undefined ? {} : { waiting }),
      worker: {
        ...this.#losses,
        seconds,
        ...(ends || this.#stopping?.aborted === true ? { ends: true } : {}),
      },
    };
  }
}
