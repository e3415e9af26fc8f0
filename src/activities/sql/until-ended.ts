import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Transient } from '../../clients/errors.ts';
import type { StatementState, Warehouse } from '../../clients/warehouse.ts';
import { hasEnded } from '../../clients/warehouse.ts';
import type { WaitKind } from '../../pipeline/run/step-progress.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';

type Finished = Extract<StatementState, { status: 'FINISHED' }>;
export type Failed = Extract<StatementState, { status: 'FAILED' | 'ABORTED' }>;
/** `seenRunning`: it failed after our first look. If not, it may have failed long ago. */
type JustFailed = Failed & { readonly seenRunning: boolean };
/** Cancelled at its time limit; `blockedBy` names what was seen blocking it. Until it has ended, it may still commit. */
export interface TimedOut {
  readonly status: 'TIMED_OUT';
  readonly hasEnded: boolean;
  readonly blockedBy: string | undefined;
}

export type Ended = Finished | JustFailed | TimedOut;

export interface StatementWatch {
  readonly timeLimitSeconds: number;
  /** A transaction that exceeds the limit is given up at once, as `NotInTime`, instead of being tried again. */
  readonly isOnlyTry?: true;
  /** When to look for a blocker first. Default: after a few seconds, at most half the time limit. */
  readonly lookAfterSeconds?: number;
  /** The setting that the limit comes from, for the message. */
  readonly setting?: string;
  /**
   * What blocks the statement of this Redshift process, as a sentence. Called at intervals while the statement waits,
   * and at its time limit. It must answer soon, and may throw only the reason of its own signal.
   */
  whoBlocks(pid: number): Promise<string | undefined>;
}

const WAIT_SECONDS = 10;
/** A statement that takes this long may be blocked by a lock. The blocker is to be known within half a minute. */
const LOOK_AFTER_MS = 8_000;
const LOOK_EVERY_MS = 30_000;
/** How long to wait for the end of a cancelled statement whose result is no longer needed. */
const GIVEN_UP_WAIT_SECONDS = 60;
/** A statement cancelled at its time limit may take as long to roll back as it ran, within these bounds. */
const ROLLBACK_WAIT_SECONDS = { least: 5, most: 15 * 60 };

/**
 * Waits for a statement's end. Meanwhile, the activity's heartbeats say what the statement waits for. At its time limit,
 * the statement is cancelled and its end awaited, because it may still finish. It is also cancelled if the run is
 * cancelled or the caller's own signal aborts. After a shutdown, pause or reset it keeps running, for the next attempt.
 */
export async function untilEnded(
  warehouse: Warehouse,
  { id, name }: { readonly id: string; readonly name: string },
  watch: StatementWatch,
  signal: AbortSignal,
): Promise<Ended> {
  const context = Context.current();
  const { waits } = ActivityRecord.current();
  let wait: { readonly kind: WaitKind; readonly end: () => void } | undefined;
  const waitFor = (kind: WaitKind | undefined, why: (seconds: string) => string = () => '') => {
    // A statement that Redshift still has not started has waited since it was submitted.
    if (kind === 'statement' && wait?.kind === kind) return;
    wait?.end();
    wait = kind && { kind, end: waits.begin(kind, why) };
  };
  const startedMs = Date.now();
  const { timeLimitSeconds, lookAfterSeconds = Math.min(LOOK_AFTER_MS / 1000, timeLimitSeconds / 2) } = watch;
  let lookAtMs = startedMs + lookAfterSeconds * 1000;
  let blockedBy: string | undefined;
  let seenRunning = false;
  let cancelAsked = false;
  /** Cancels the statement, through transient errors. @returns its end, or undefined if it did not end in time. */
  const cancelled = async (
    waitSeconds: number,
    until?: AbortSignal,
  ): Promise<Finished | Failed | undefined> => {
    const untilMs = Date.now() + waitSeconds * 1000;
    do {
      try {
        if (!cancelAsked) await warehouse.cancel(id);
        cancelAsked = true;
        const state = await warehouse.describe(id, { waitSeconds: 5, signal: until });
        if (hasEnded(state)) return state;
      } catch (error) {
        if (!(error instanceof Transient)) throw error;
      }
      await setTimeout(cancelAsked ? 100 : 1000, undefined, { signal: until });
    } while (Date.now() < untilMs);
    return undefined;
  };
  try {
    for (;;) {
      const leftMs = startedMs + watch.timeLimitSeconds * 1000 - Date.now();
      // The first look does not wait, so that even quick failures are mostly seen as new.
      const untilLookMs = lookAtMs - Date.now();
      const untilMs = untilLookMs > 0 ? Math.min(leftMs, untilLookMs) : leftMs;
      // The service waits whole seconds. A shorter time until a look is waited for here.
      const isSoon = untilLookMs > 0 && untilLookMs < 1000 && untilMs === untilLookMs;
      if (seenRunning && isSoon) await setTimeout(untilMs, undefined, { signal });
      const waitSeconds =
        seenRunning && !isSoon ? Math.max(0, Math.min(WAIT_SECONDS, Math.ceil(untilMs / 1000))) : 0;
      const state = await warehouse.describe(id, { waitSeconds, signal });
      if (hasEnded(state)) return state.status === 'FINISHED' ? state : { ...state, seenRunning };
      seenRunning = true;
      if (state.status !== 'STARTED') {
        waitFor('statement', (seconds) => `Redshift has not started ${name} for ${seconds}: it is queued`);
      } else if (wait?.kind === 'statement') waitFor(undefined);
      if (state.pid !== undefined && (Date.now() >= lookAtMs || leftMs <= 0)) {
        const found = await watch.whoBlocks(state.pid);
        blockedBy = found;
        waitFor(found === undefined ? undefined : 'lock', () => found ?? '');
        lookAtMs = Date.now() + LOOK_EVERY_MS;
      }
      if (leftMs <= 0) {
        waitFor(
          'service',
          (seconds) => `Redshift has not ended ${name} for ${seconds}, since it was cancelled`,
        );
        const { least, most } = ROLLBACK_WAIT_SECONDS;
        const end = await cancelled(Math.min(most, Math.max(least, watch.timeLimitSeconds)), signal);
        return end?.status === 'FINISHED'
          ? end
          : { status: 'TIMED_OUT', hasEnded: end !== undefined, blockedBy };
      }
      // A service without long polling answers at once.
      if (waitSeconds > 0) await setTimeout(100, undefined, { signal });
    }
  } catch (error) {
    const { cancellationSignal, cancellationDetails } = context;
    const isResumedElsewhere = cancellationSignal.aborted && cancellationDetails?.cancelRequested !== true;
    // If the cancellation fails, the first error says more.
    if (signal.aborted && !isResumedElsewhere) await cancelled(GIVEN_UP_WAIT_SECONDS).catch(() => {});
    throw error;
  } finally {
    waitFor(undefined);
  }
}
